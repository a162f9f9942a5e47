/** The rate of one subject by day: what was usual, where it changed, when it was said and acted on. */
import { LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { type JSX, useEffect, useRef } from "react";
import { type EvidenceModel, tellEvidence } from "./evidence.model.ts";
import { shareToText } from "../words.ts";

echarts.use([
  AriaComponent,
  CanvasRenderer,
  GridComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
]);

export function EvidenceChart({ model }: { readonly model: EvidenceModel }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const node = place.current;
    const chart = echarts.init(node, null, { renderer: "canvas" });
    const draw = (): void => chart.setOption(optionOf(model, coloursOf(node)), true);
    draw();
    const resized = new ResizeObserver(() => chart.resize());
    resized.observe(node);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      chart.dispose();
    };
  }, [model]);
  return (
    <figure className="chart">
      <div ref={place} className="canvas" role="img" aria-label={tellEvidence(model)} />
      <figcaption className="quiet">{tellEvidence(model)}</figcaption>
    </figure>
  );
}

type Colours = Record<"ink" | "quiet" | "line" | "accent" | "band", string>;

function coloursOf(node: HTMLElement): Colours {
  const style = getComputedStyle(node);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    quiet: read("--quiet"),
    line: read("--line"),
    accent: read("--accent"),
    band: read("--band"),
  };
}

function optionOf(model: EvidenceModel, colours: Colours): echarts.EChartsCoreOption {
  const { days, smooth, baseline, marks } = model;
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: { left: 44, right: 56, top: 44, bottom: 28 },
    tooltip: {
      trigger: "axis",
      // Drawn on the canvas: the content policy forbids styled HTML.
      renderMode: "richText",
      valueFormatter: (value: unknown) => (typeof value === "number" ? shareToText(value) : "-"),
    },
    xAxis: {
      type: "time",
      // The newest mark may lie a day after the newest data.
      max: [days.at(-1)?.day, marks.at(-1)?.day].sort().at(-1),
      axisLabel: { color: colours.quiet, hideOverlap: true, formatter: "{d} {MMM}" },
      axisLine: { lineStyle: { color: colours.line } },
    },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { color: colours.quiet, formatter: (value: number) => shareToText(value) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: [
      {
        name: "one day",
        type: "scatter",
        // A day of few orders says little, and looks it.
        symbolSize: ([, , n]: ReadonlyArray<number>) => Math.min(10, 2 + Math.sqrt(n ?? 0) / 2),
        itemStyle: { color: colours.quiet, opacity: 0.45 },
        data: days.map(({ day, rate, n }) => [day, rate, n]),
      },
      {
        name: "seven days",
        type: "line",
        showSymbol: false,
        lineStyle: { color: colours.accent, width: 2 },
        itemStyle: { color: colours.accent },
        data: smooth.map(({ day, rate }) => [day, rate]),
        ...(baseline === undefined
          ? {}
          : {
              markArea: {
                silent: true,
                itemStyle: { color: colours.band },
                data: [[{ yAxis: baseline.low }, { yAxis: baseline.high }]],
              },
            }),
        markLine: {
          silent: true,
          symbol: "none",
          label: { color: colours.ink, fontSize: 11 },
          data: [
            ...(baseline === undefined
              ? []
              : [
                  {
                    yAxis: baseline.rate,
                    lineStyle: { color: colours.quiet, type: "solid", width: 1 },
                    label: { show: false },
                  },
                ]),
            ...marks.map(({ day, words }, index) => ({
              xAxis: day,
              lineStyle: { color: colours.ink, type: "dashed", width: 1 },
              // One above the other, so that marks of neighbouring days stay readable.
              label: { formatter: words, position: "end", distance: [0, 2 + 12 * index] },
            })),
          ],
        },
      },
    ],
  };
}
