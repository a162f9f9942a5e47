#!/usr/bin/env python3
"""Sends one signal as CloudEvents 1.0: Python 3.9 and its standard library alone.

It is logistics' end of the loop at its smallest: no detector, one made-up rise in one pincode, and
every way in which Interlock answers a sender.

    PUT  /v1/loops/LOOP/sender              "I stand here now"
    POST /v1/loops/LOOP/sender/heartbeat    data complete to, and a record of predictions
    POST /v1/loops/LOOP/signals   202       structured mode: the whole event in the body
    POST /v1/loops/LOOP/signals   202       binary mode, the same event: nothing is doubled
    POST /v1/loops/LOOP/signals   409       the same id with other content
    POST /v1/loops/LOOP/signals   422       a signal that breaks its contract, with every reason

A program that sends in earnest needs two more things: a detector, and a place where each signal
waits until it was answered. Sending it again is always safe.
"""
from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Optional, Tuple

Object = Dict[str, Any]

NAME = "rise-by-hand"
VERSION = "1.0.0"
TIMEOUT_S = 20


class Door:
    """Interlock's HTTP API, as far as a sender needs it."""

    def __init__(self, url: str, key: str, loop: str) -> None:
        self._at = f"{url.rstrip('/')}/v1/loops/{urllib.parse.quote(loop, safe='')}"
        self._key = key

    def call(
        self, method: str, path: str, body: Any = None, headers: Optional[Dict[str, str]] = None
    ) -> Tuple[int, Object]:
        """The status and the answer; refusals are answers too. Raises OSError where none came."""
        request = urllib.request.Request(
            self._at + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {self._key}",
                "content-type": "application/json",
                **(headers or {}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def send_structured(self, event: Object) -> Tuple[int, Object]:
        headers = {"content-type": "application/cloudevents+json"}
        return self.call("POST", "/signals", event, headers)

    def send_binary(self, event: Object) -> Tuple[int, Object]:
        """Attributes as `ce-` headers, percent-encoded where not plain text; `data` as the body."""
        headers = {
            f"ce-{name}": urllib.parse.quote(value, safe=" !#$&'()*+,-./:;<=>?@[]^_`{|}~")
            for name, value in event.items()
            if name not in ("data", "datacontenttype")
        }
        return self.call("POST", "/signals", event["data"], headers)


def instant(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def day(at: datetime) -> str:
    return at.date().isoformat()


def make_event(contract: Object, source: str, subject: str, now: datetime) -> Object:
    """A signal as a CloudEvent. `id` and `source` say which one it is, for ever."""
    began, last = now - timedelta(days=12), now - timedelta(days=1)
    return {
        "specversion": "1.0",
        "id": f"rise-{subject}-{day(began)}-{instant(now)}",
        "source": source,
        "type": contract["name"],
        "subject": subject,
        "time": instant(now),
        "dataschema": f"urn:interlock:contract:{contract['name']}:{contract['version']}",
        "datacontenttype": "application/json",
        "asof": instant(last),
        "expirytime": instant(now + timedelta(hours=contract["expiry"]["afterHours"])),
        "data": {
            "confidence": 0.9,
            "options": [option["name"] for option in contract["options"]],
            "payload": make_payload(began, last),
        },
    }


def make_payload(began: datetime, last: datetime) -> Object:
    """A rise of 20 points in a place with ten orders a day; the figures are made up."""
    part: Object = {"dimension": "payment", "value": "cod", "trials": 80, "events": 31}
    part.update(rate=0.39, baselineRate=0.17, shareOfExcess=0.88)
    return {
        "metric": "ndr_rate",
        "level": "pincode",
        "measure": {
            "rate": 0.35,
            "events": 42,
            "trials": 120,
            "from": day(began),
            "to": day(last),
        },
        "baseline": {"rate": 0.14, "low": 0.11, "high": 0.17},
        "change": {"onDay": day(began), "size": 0.2, "low": 0.15, "high": 0.25},
        "evidence": {"log10": 6.2, "threshold": 4.7, "daysObserved": 12},
        "maturity": 0.93,
        "cause": {"owner": "demand", "split": [part]},
        "exposure": {"ordersPerDay": 10, "codShare": 0.6, "subjects": 1},
    }


def show(what: str, answer: Tuple[int, Object]) -> Object:
    """One line for the answer, and one for each reason in it."""
    status, body = answer
    first = (body.get("signals") or [{}])[0]
    said = " ".join(str(first[name]) for name in ("kind", "case", "state") if name in first)
    print(f"{what}: {status} {said or body.get('error', {}).get('code', '')}")
    for problem in first.get("problems") or body.get("problems") or []:
        print(f"  {problem['code']} at {problem['path']}: {problem['message']}")
    return body


def run(door: Door, subject: str) -> int:
    status, body = door.call("GET", "/contract")
    if status != 200:
        show("contract", (status, body))
        return 1
    contract = body["contract"]
    now = datetime.now(timezone.utc)
    registration = {"name": NAME, "version": VERSION, "heartbeatSeconds": 3600}
    status, stands = door.call("PUT", "/sender", registration)
    if status != 200:
        show("register", (status, stands))
        return 1
    # A real sender counts its own predictions: of so many intervals, how many held what came.
    record = {"predictions": 100, "covered": 81, "nominal": 0.8, "asOf": instant(now)}
    beat = {"name": NAME, "dataCompleteTo": instant(now), "calibration": record}
    status, heard = door.call("POST", "/sender/heartbeat", beat)
    print(f"{stands['source']} stands at {stands['loop']}, which is {heard.get('state', status)}")

    event = make_event(contract, stands["source"], subject, now)
    sent = show("structured", door.send_structured(event))
    again = show("the same again, binary", door.send_binary(event))
    other = copy.deepcopy(event)
    other["data"]["confidence"] = 0.95
    show("the same id, other content", door.send_structured(other))
    broken = copy.deepcopy(event)
    broken["id"] = event["id"] + "-broken"
    broken["data"]["payload"]["measure"]["rate"] = 35
    broken["data"]["options"].append("pause_campaign")
    show("a broken one", door.send_structured(broken))
    return 0 if sent["signals"][0]["case"] == again["signals"][0]["case"] else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Sends one signal as CloudEvents 1.0.")
    parser.add_argument("subject", nargs="?", default="IN-560001", help="a pincode of the company")
    parser.add_argument("--url", default=os.environ.get("INTERLOCK_URL", "http://127.0.0.1:7070"))
    parser.add_argument("--loop", default=os.environ.get("INTERLOCK_LOOP", "logistics-marketing"))
    arguments = parser.parse_args()
    key = os.environ.get("INTERLOCK_KEY", "")
    if not key:
        print("INTERLOCK_KEY is not set; `interlock agent key create` makes a key", file=sys.stderr)
        return 2
    try:
        return run(Door(arguments.url, key, arguments.loop), arguments.subject)
    except (OSError, ValueError) as error:
        print(f"{arguments.url} gave no answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
