-- What wrk posts: a template whose gaps are filled anew for each request, by the rules of fill.ts. Read from the
-- environment, because whether there is a `request` function at all is decided when this file is loaded: without gaps
-- wrk sends one prepared request.
-- MIX_FILE: the template; MIX_START: number of the first request; MIX_WORKLOADS: how many take turns (0: none twice).

local WIDTHS = { UID = 36, TOKEN = 5, WORKLOAD = 8, TIME = 20 }
local LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
local COMBINATIONS = 14348907 -- five of 27
local FIRST_SECOND = 1767225600

local file = assert(io.open(os.getenv('MIX_FILE'), 'rb'))
local text = file:read('*a')
file:close()
local n = tonumber(os.getenv('MIX_START'))
local workloads = tonumber(os.getenv('MIX_WORKLOADS'))

local function random_name(number)
  local rest = (number * 7919) % COMBINATIONS
  local name = ''
  for _ = 1, 5 do
    local digit = rest % 27
    name = name .. LETTERS:sub(digit + 1, digit + 1)
    rest = (rest - digit) / 27
  end
  return name
end

local fill = {
  UID = function() return string.format('%08x-571b-4645-8586-fd21adac2c16', n) end,
  TOKEN = function() return random_name(n) end,
  WORKLOAD = function()
    return string.format('%08x', workloads == 0 and n or n % workloads)
  end,
  TIME = function() return os.date('!%Y-%m-%dT%H:%M:%SZ', FIRST_SECOND + math.floor(n / 100)) end,
}

-- `pieces` is the text cut at its gaps; `gaps` says which gap each odd place is.
local pieces, gaps, used, length, from = {}, {}, {}, #text, 1
for at, name, after in text:gmatch('()@(%u+)@()') do
  if WIDTHS[name] then
    pieces[#pieces + 1] = text:sub(from, at - 1)
    pieces[#pieces + 1] = ''
    gaps[#gaps + 1] = { place = #pieces, name = name }
    used[name] = true
    length = length - (after - at) + WIDTHS[name]
    from = after
  end
end
pieces[#pieces + 1] = text:sub(from)

wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'

if #gaps == 0 then
  wrk.body = text
else
  function init()
    pieces[1] = string.format(
      'POST /inject HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n',
      wrk.host, wrk.port, length) .. pieces[1]
  end

  local values = {}
  function request()
    for name in pairs(used) do values[name] = fill[name]() end
    for i = 1, #gaps do pieces[gaps[i].place] = values[gaps[i].name] end
    n = n + 1
    return table.concat(pieces)
  end
end

-- Times in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"notOk":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
