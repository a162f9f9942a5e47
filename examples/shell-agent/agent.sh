#!/usr/bin/env bash
# A receiving agent for the contract logistics.geo-risk as a shell script: bash, curl and jq.
#
#   fetch questions  ->  answer.jq decides  ->  bring the answers and fetch the next ones
#
# The script carries, `answer.jq` decides. One jq runs all the time, because starting it for every
# question would take longer than the question. One curl brings the answers of the last round and
# waits for the next questions on the same connection.
#
# It needs jq because a signal has to be refused for the right reason, and that takes a JSON parser.
# Left out: a contract that changes while it runs (what comes under another one is refused; start it
# again), and an address of its own (agent.py beside it shows that way).
set -euo pipefail

: "${INTERLOCK_KEY:?make one with: interlock agent key create}"
server=${INTERLOCK_URL:-http://127.0.0.1:7070}
loop=${INTERLOCK_LOOP:-logistics-marketing}
name=${AGENT_NAME:-bid-rule}
version=${AGENT_VERSION:-1.0.0}       # change it whenever the answers change
heartbeat=${AGENT_HEARTBEAT:-30}      # seconds
poll=${AGENT_WAIT:-25}                # seconds that a fetch waits for a question
company_orders=${COMPANY_ORDERS:-1667}
here=$(cd "$(dirname "$0")" && pwd)
orders=${ORDERS_FILE:-$here/../python-agent/orders.csv}

for tool in curl jq awk; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 2; }
done

work=$(mktemp -d)
curl_pid= jq_pid= heart_pid=
leave() {
  trap - EXIT
  for pid in $curl_pid $jq_pid $heart_pid; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap leave EXIT
trap 'echo "stopping" >&2; exit 0' TERM INT

log() { echo "$*" >&2; }

# A file, so that the key is not in the list of processes.
cat >"$work/head" <<END
silent
show-error
header = "authorization: Bearer $INTERLOCK_KEY"
header = "content-type: application/json"
connect-timeout = 5
END
chmod 600 "$work/head"

# call METHOD PATH [BODY]: the answer's body, or a line in the log and a failure.
call() {
  local body="$work/body.$BASHPID" status said
  rm -f "$body"
  status=$(curl --config "$work/head" --max-time 20 --request "$1" ${3:+--data "$3"} \
    --output "$body" --write-out '%{http_code}' "$server/v1/loops/$loop$2") || status=000
  if [[ $status != 2* ]]; then
    said=$(jq -r '.error | values | "\(.code): \(.message)"' "$body" 2>/dev/null || true)
    log "$1 $2: $status $said"
    [[ $status == 000 || $status == 408 || $status == 429 || $status == 5* ]] && return 1
    return 2
  fi
  cat "$body"
}

# keep_trying COMMAND...: an outage passes; a refusal would only come again.
keep_trying() {
  local pause=1 failure
  until "$@"; do
    failure=$?
    [[ $failure == 2 ]] && { log "cannot go on"; exit 1; }
    sleep "$pause"
    pause=$((pause < 8 ? pause * 2 : 15))
  done
}

# How well the agent predicts its own domain: tomorrow's orders are those of a week ago, give or
# take what the last 28 such forecasts were off by; compared with what came, day by day.
own_record() {
  awk -F, '
    NR > 1 {
      orders[++n] = $2; day = $1
      if (n > 7) {
        off = orders[n] - orders[n - 7]
        if (known >= 28) {
          sum = 0
          for (i = known - 27; i <= known; i++) sum += error[i] * error[i]
          predictions++
          if (off * off <= 1.2816 * 1.2816 * sum / 28) covered++
        }
        error[++known] = off
      }
    }
    END {
      printf "{\"predictions\":%d,\"covered\":%d,\"nominal\":0.8,\"asOf\":\"%sT18:30:00.000Z\"}\n",
        predictions, covered, day
    }' "$orders"
}

keep_trying call GET /contract >"$work/contract.json"
decide=(jq -r --unbuffered --slurpfile contract "$work/contract.json"
  --arg company_orders "$company_orders" --arg said "$work/said"
  --arg questions "$server/v1/loops/$loop/receiver/questions")
unchecked=$("${decide[@]}" --null-input --argjson check true -f "$here/answer.jq")
[[ -z $unchecked ]] || { log "the contract uses what this agent cannot check: $unchecked"; exit 1; }

keep_trying call PUT /receiver \
  "{\"name\":\"$name\",\"version\":\"$version\",\"heartbeatSeconds\":$heartbeat}" >/dev/null
beat="{\"name\":\"$name\",\"calibration\":$(own_record)}"
keep_trying call POST /receiver/heartbeat "$beat" >/dev/null
# On its own, so that a long answer does not silence it; twice as often as promised.
(
  trap - EXIT TERM INT
  while sleep "$(awk "BEGIN { print $heartbeat / 2 }")"; do
    call POST /receiver/heartbeat "$beat" >/dev/null || [[ $? == 1 ]] || exit
  done
) &
heart_pid=$!
log "$name $version stands at $loop, fetching questions"

mkfifo "$work/in" "$work/out"
"${decide[@]}" --argjson check false -f "$here/answer.jq" <"$work/in" >"$work/out" &
jq_pid=$!
exec 3>"$work/in" 4<"$work/out"

# Makes $work/next: the answers that jq gives, and after them the fetch of the next questions.
prepare() {
  : >"$work/next"
  while [[ -s $work/questions ]] && IFS= read -r line <&4 && [[ $line != '# end' ]]; do
    printf '%s\n' "$line" >>"$work/next"
    [[ $line != '# '* ]] || log "${line#\# }"
    # What stands at the top holds for one request only.
    [[ $line != next ]] || cat "$work/head" >>"$work/next"
  done
  cat >>"$work/next" <<END
url = "$server/v1/loops/$loop/receiver/questions?wait=$poll&max=50"
request = POST
max-time = $((poll + 10))
output = "$work/questions"
write-out = "%{http_code}"
END
}

pause=1
: >"$work/questions"
while kill -0 "$heart_pid" "$jq_pid" 2>/dev/null; do
  prepare
  : >"$work/questions"
  # In the background, because bash hears a signal while it waits and not while a program runs.
  curl --config "$work/head" --config "$work/next" >"$work/status" &
  curl_pid=$!
  wait "$curl_pid" || true
  curl_pid=
  status=$(cat "$work/status")
  if [[ $status == 200 ]]; then
    { cat "$work/questions"; echo; } >&3
    pause=1
  else
    said=$(jq -r '.error.message? // empty' "$work/questions" 2>/dev/null || true)
    log "questions: $status $said"
    [[ $status != 40[134] ]] || exit 1
    : >"$work/questions"
    sleep "$pause"
    pause=$((pause < 8 ? pause * 2 : 15))
  fi
done
log "jq is gone, or the heartbeat was refused: another agent may stand here now"
exit 1
