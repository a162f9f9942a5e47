# Answers questions about signals under a contract: `{"questions": [...]}` in, lines out.
#
#   in     what POST .../receiver/questions gave, one answer of the server after the other
#   out    for each question a remark for the log, and what curl is to send: the lines of a curl
#          config file, in which the remark is a comment; after each batch a line `# end`
#
# The contract comes with --slurpfile, the rest with --arg. Nothing is remembered from one question
# to the next, there is no clock but the question's own `now`, and no rule looks at a text: only at
# numbers and at words that the contract enumerates.
#
# A JSON Schema is checked as far as `keywords` below goes; a contract that uses more is refused at
# the start, because what cannot be checked cannot be refused either.

def problem($kind; $path; $message): {code: "contract/\($kind)", path: $path, message: $message};

def token: gsub("~"; "~0") | gsub("/"; "~1");
def pointer: map("/" + (tostring | token)) | join("");

def quoted:
  (if type == "string" then . else tojson end | gsub("[[:cntrl:]`]"; " ")) as $text
  | if ($text | length) > 80 then "`\($text[0:80])...`" else "`\($text)`" end;

# Plain values ------------------------------------------------------------------------------------

# As Interlock counts: a character beyond U+FFFF is two.
def utf16_length:
  if utf8bytelength == length then length
  else length + ([explode[] | select(. > 65535)] | length) end;

def depth:
  if type == "array" or type == "object" then 1 + ([.[] | depth] | max // 0) else 0 end;

# A signal carries figures, not archives: what is too large, or could not be stored as it is.
def unplain:
  (if depth > 32 then problem("too-large"; ""; "it is nested more than 32 deep") else empty end),
  (first(path(.. | strings | select(utf16_length > 2000)))
   | problem("too-large"; pointer; "a text has more than 2000 characters")),
  (first(path(.. | strings | select(explode | any(. == 0))))
   | problem("not-plain"; pointer; "a text holds the character U+0000")),
  (first(path(.. | select(type == "array" or type == "object") | select(length > 1000)))
   | problem("too-large"; pointer; "there are more than 1000 items")),
  (first(path(.. | objects | select(any(keys_unsorted[]; utf16_length > 200))))
   | problem("too-large"; pointer; "a name has more than 200 characters")),
  (if ([..] | length) > 20000 or (tojson | utf8bytelength) > 262144 then
     problem("too-large"; ""; "it holds too many values or is larger than 256 KB")
   else empty end);

# JSON Schema -------------------------------------------------------------------------------------

def keywords: [
  "type", "enum", "const", "required", "properties", "additionalProperties", "items", "minItems",
  "maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
  "minLength", "maxLength", "pattern", "format",
  "title", "description", "unit", "denominator", "examples", "default"
];

# What of a schema this agent could not check.
def unchecked:
  (keys_unsorted - keywords | .[]),
  (select(has("format") and .format != "date") | "format: \(.format)"),
  (select(has("pattern") and (.pattern | test("\\\\")) ) | "pattern: \(.pattern)"),
  (select(has("additionalProperties") and .additionalProperties != false) | "additionalProperties"),
  (.properties // {} | .[] | unchecked),
  (.items | select(. != null) | unchecked);

# `^` and `$` of a contract mean the whole text; here they would mean a line.
def matches($pattern): test($pattern | sub("^\\^"; "\\A") | sub("\\$$"; "\\z"));

def days_in($year; $month):
  if $month == 2 then
    (if $year % 4 == 0 and ($year % 100 != 0 or $year % 400 == 0) then 29 else 28 end)
  elif [4, 6, 9, 11] | index($month) then 30
  else 31 end;

def is_day:
  test("\\A[0-9]{4}-[0-9]{2}-[0-9]{2}\\z")
  and (split("-") | map(tonumber) as [$y, $m, $d]
       | $m >= 1 and $m <= 12 and $d >= 1 and $d <= days_in($y; $m));

def has_type($name):
  if $name == "integer" then type == "number" and floor == . else type == $name end;

def check($schema; $path):
  . as $value
  | ($schema.type | if type == "array" then . elif . == null then [] else [.] end) as $types
  | (if ($types | length) > 0 and (any($types[]; . as $name | $value | has_type($name)) | not) then
       problem("wrong-type"; $path; "\(quoted) is not \($types | join(" or "))")
     else empty end),
    (if $schema | has("enum") then
       (if any($schema.enum[]; . == $value) then empty
        else problem("wrong-value"; $path; "\(quoted) is not one of the allowed values") end)
     else empty end),
    (if ($schema | has("const")) and $schema.const != $value then
       problem("wrong-value"; $path; "\(quoted) is not \($schema.const | quoted)")
     else empty end),
    (if type == "number" then
       (if . < ($schema.minimum // .) or . > ($schema.maximum // .)
           or ($schema.exclusiveMinimum != null and . <= $schema.exclusiveMinimum)
           or ($schema.exclusiveMaximum != null and . >= $schema.exclusiveMaximum)
        then problem("out-of-range"; $path; "\(quoted) lies outside what is allowed")
        else empty end)
     elif type == "string" then
       (if length < ($schema.minLength // 0) or length > ($schema.maxLength // length) then
          problem("out-of-range"; $path; "\(quoted) is too short or too long")
        else empty end),
       (if $schema.pattern != null and (matches($schema.pattern) | not) then
          problem("wrong-format"; $path; "\(quoted) does not match the pattern")
        else empty end),
       (if $schema.format == "date" and (is_day | not) then
          problem("wrong-format"; $path; "\(quoted) is not a calendar day")
        else empty end)
     elif type == "array" then
       (if length < ($schema.minItems // 0) or length > ($schema.maxItems // length) then
          problem("out-of-range"; $path; "the list has too few or too many items")
        else empty end),
       (if $schema.uniqueItems == true and (unique | length) < length then
          problem("duplicate"; $path; "two items of the list are the same")
        else empty end),
       (if $schema.items != null then
          (range(length) as $i | .[$i] | check($schema.items; "\($path)/\($i)"))
        else empty end)
     elif type == "object" then
       (($schema.required // [])[] as $name
        | select(has($name) | not)
        | problem("missing-field"; "\($path)/\($name | token)"; "\($name | quoted) is missing")),
       (to_entries[] as $member
        | ($path + "/" + ($member.key | token)) as $at
        | if ($schema.properties // {}) | has($member.key) then
            ($member.value | check($schema.properties[$member.key]; $at))
          elif $schema.additionalProperties == false then
            problem("unknown-field"; $at; "\($member.key | quoted) is not a field here")
          else empty end)
     else empty end);

# Signals -----------------------------------------------------------------------------------------

def id_schema: {type: "string", minLength: 1, maxLength: 200};

def envelope_schema: {
  type: "object",
  required: ["id", "source", "contract", "version", "subject", "sentAt", "asOf", "expiresAt",
             "confidence", "options", "payload"],
  additionalProperties: false,
  properties: {
    id: id_schema, contract: id_schema, version: id_schema, subject: id_schema,
    source: (id_schema + {pattern: "^[a-z][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"}),
    sentAt: {type: "string"}, asOf: {type: "string"}, expiresAt: {type: "string"},
    confidence: {type: "number", minimum: 0, maximum: 1},
    options: {type: "array", minItems: 1, maxItems: 50, uniqueItems: true, items: id_schema},
    payload: {type: "object"}
  }
};

# Milliseconds of `2026-01-05T00:30:00.000Z`; null for a text that is not written so.
def instant_ms:
  ("\\A(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
   + "T(?<h>[0-9]{2}):(?<m>[0-9]{2}):(?<s>[0-9]{2})\\.(?<ms>[0-9]{3})Z\\z") as $shape
  | if test($shape) | not then null
    else capture($shape)
    | if (.day | is_day | not) or .h > "23" or .m > "59" or .s > "59" then null
      else (.day | split("-") | map(tonumber)) as [$year, $month, $day]
        # Counted from March, so that the day that may be missing is the last of its year.
        | (if $month > 2 then $year else $year - 1 end) as $y
        | (($month + 9) % 12) as $m
        | ($y * 365 + ($y / 4 | floor) - ($y / 100 | floor) + ($y / 400 | floor)
           + ((153 * $m + 2) / 5 | floor) + $day) as $days
        | ((($days * 24 + (.h | tonumber)) * 60 + (.m | tonumber)) * 60 + (.s | tonumber)) * 1000
          + (.ms | tonumber)
      end
    end;

def hour_ms: 3600000;

def time_problems($contract; $now):
  . as $signal
  | (["sentAt", "asOf", "expiresAt"] | map(select($signal[.] | instant_ms == null))) as $wrong
  | if ($wrong | length) > 0 then
      $wrong[] as $name
      | problem("wrong-format"; "/\($name)"; "\($signal[$name] | quoted) is not an instant")
    else
      (.sentAt | instant_ms) as $sent | (.expiresAt | instant_ms) as $expires
      | ($now | instant_ms) as $at
      | (if $sent - $at > 300000 then
           problem("out-of-range"; "/sentAt"; "it lies in the future; it is now \($now)")
         else empty end),
        (if .asOf > .sentAt then problem("out-of-range"; "/asOf"; "it is after sentAt")
         else empty end),
        (if $expires <= $sent then
           problem("out-of-range"; "/expiresAt"; "it is not after sentAt")
         elif $expires <= $at then
           problem("expired"; "/expiresAt"; "it is past; it is now \($now)")
         else empty end),
        (if $expires - $sent > $contract.expiry.afterHours * hour_ms then
           problem("out-of-range"; "/expiresAt"; "it is later than the contract allows")
         else empty end)
    end;

def signal_problems($contract; $now):
  . as $signal
  | (first(unplain) // null) as $large
  | if $large != null then $large
    else [check(envelope_schema; "")] as $shape
    | if ($shape | length) > 0 then $shape[]
      else
        (if .contract != $contract.name then
           problem("wrong-contract"; "/contract"; "\(.contract | quoted) is not \($contract.name)")
         else empty end),
        (if .version != $contract.version then
           problem("wrong-contract"; "/version"; "\(.version | quoted) is not \($contract.version)")
         else empty end),
        (if .subject | matches($contract.subject.pattern) then empty
         else problem("wrong-format"; "/subject"; "\(.subject | quoted) is no subject here") end),
        (if .confidence < $contract.confidence.thresholds.signal then
           problem("low-confidence"; "/confidence"; "it is below the least for a signal")
         else empty end),
        time_problems($contract; $now),
        ((.options | keys[]) as $i | .options[$i]
         | select(. as $name | $contract.options | any(.name == $name) | not)
         | problem("unknown-option"; "/options/\($i)"; "\(quoted) is not in \($contract.name)")),
        ([.payload | check($contract.payload; "/payload")] as $content
         | if ($content | length) > 0 then $content[]
           else
             $contract.evidence.required[] as $item
             | ($signal.payload | getpath($item.path[1:] | split("/"))) as $value
             | select($value == null or $value == "" or $value == [] or $value == {})
             | problem("missing-evidence"; "/payload\($item.path)"; "\($item.name) is missing")
           end)
      end
    end;

# The decision ------------------------------------------------------------------------------------
# One rule that fits on a page: what logistics can mend goes back to logistics; a rise that costs
# enough in returns lowers the bid; everything else is left as it is.

def return_cost: 22600;      # paise for one returned order: freight both ways, packing, write-down
def return_share: 0.58;      # of failed first attempts, the share that comes back in the end
def delivered_worth: 36000;  # paise that a delivered order leaves, before its ad cost
def orders_lost: 0.15;       # share of orders that a bid lowered by 30% gives up
def gain_least: 20000;       # paise; below it no change is worth two departments' attention
def bid_modifier: 0.7;

def money: {amountMinor: round, currency: "INR"};

# Of three gains in rising order: at the low end of the rise, in the middle, at the high end.
def value:
  {
    mean: (add / 3 | money), p10: (.[0] | money), p50: (.[1] | money), p90: (.[2] | money),
    probabilityBetter:
      (if .[0] > 0 then 0.95 elif .[1] > 0 then 0.8 elif .[2] > 0 then 0.3 else 0 end)
  };

def nothing: [0, 0, 0] | value;

def lower_bid($contract):
  (if .payload.evidence.daysObserved < 7 then 7 else 14 end) as $days
  | .payload.exposure.ordersPerDay as $orders
  | {bidModifier: bid_modifier, standingDays: $days} as $parameters
  | (.payload.change | [.low, .size, .high] | sort
     | map(. * return_share * return_cost * orders_lost * $orders * $days)) as $gains
  | (first($contract.options[] | select(.name == "lower_bid") | .parameters) // null) as $schema
  | {
      $days, $parameters,
      value: ($gains | value),
      at_stake: (orders_lost * $orders * $days * delivered_worth | money),
      why_not:
        (if .options | index("lower_bid") | not then "the signal does not offer it"
         elif [$parameters | check($schema; "")] | length > 0 then "its ranges do not allow it"
         elif .confidence < $contract.confidence.thresholds.act then "the signal is not sure enough"
         elif $gains[1] <= 0 or ($gains | add / 3) < gain_least then "it saves too little"
         else "" end)
    };

def scored($contract; $bid):
  [$contract.options[]
   | {option: .name, parameters: {}, value: nothing, feasible: true, reason: "", kind}
   | if .kind == "none" then .reason = "changes nothing; the measure of all others"
     elif .kind == "hand-back" then
       .reason = "for causes that the sender alone can mend"
       | .parameters = {to: $contract.sender.department, reason: "the cause is yours to mend"}
     elif .option == "lower_bid" then
       .reason = (if $bid.why_not == "" then "saves returns" else $bid.why_not end)
       | .parameters = $bid.parameters | .value = $bid.value | .feasible = ($bid.why_not == "")
     else .reason = "this agent does not do that" | .feasible = false end
   | del(.kind)];

def propose($resources; $company_orders; $bid; $scored):
  ([1, .payload.exposure.ordersPerDay / $company_orders] | min) as $share
  | {
      option: "lower_bid",
      parameters: $bid.parameters,
      resource: $resources.lower_bid,
      value: $bid.value,
      valueAtStake: $bid.at_stake,
      blastRadius: {
        subjects: .payload.exposure.subjects, shareOfOrders: $share, shareOfSpend: $share
      },
      standingDays: $bid.days,
      $scored,
      reasons: ["the rise costs more in returns than the orders earn that a lower bid gives up"]
    };

def decide($contract; $resources; $company_orders):
  .options as $offered
  | .payload.cause.owner as $owner
  | lower_bid($contract) as $bid
  | scored($contract; $bid) as $scored
  | any($contract.options[]; .kind == "hand-back" and (.name | IN($offered[]))) as $may_hand_back
  | if .payload.maturity < 0.2 then
      {kind: "need-more", missing: ["more mature outcomes"], reason: "too few outcomes are known"}
    elif ($owner | IN("courier", "address", "checkout")) and $may_hand_back then
      {kind: "bounce", to: $contract.sender.department, reason: "it is yours to mend", $scored}
    elif $owner == "courier" or $bid.why_not != "" then
      {kind: "decline", reason: "no action is surely enough worth more than none", $scored}
    else
      propose($resources; $company_orders; $bid; $scored) as $proposal
      | if $bid.days == 7 then
          {kind: "modify", $proposal, changed: "it stands 7 days only, because the rise is young"}
        else {kind: "accept", $proposal} end
    end;

# Questions in, curl's lines out ------------------------------------------------------------------

def answer($contract; $hash; $company_orders):
  .request as $request
  | if $request.contract.hash != $hash then
      {error: problem("wrong-contract"; "/contract"; "this agent answers another contract")}
    else
      ($request.signal | first(signal_problems($contract; $request.now))) // null
      | if . != null then {error: .}
        else $request.signal | decide($contract; $request.resources; $company_orders) end
    end;

def told:
  if has("error") then "refused \(.error.code) \(.error.path)"
  else "\(.kind) \(.proposal.option? // "")" end;

if $check then
  $contract[0].contract
  | first((.payload, .options[].parameters) | unchecked) // ""
else
  (.questions[]
   | .id as $id
   | answer($contract[0].contract; $contract[0].hash; $company_orders | tonumber)
   | "# \($id) \(told)",
     "url = \($questions + "/" + $id + "/answer" | tojson)",
     "request = PUT",
     # Twice: once as JSON, and once as curl's config file quotes a value, which is the same way.
     "data = \(tojson | tojson)",
     "output = \($said | tojson)",
     "next"),
  "# end"
end
