-- Transactions of 100 Observations each.
dofile(os.getenv("HEYI_BENCH") .. "/wrk/report.lua")
local observation = dofile(os.getenv("HEYI_BENCH") .. "/wrk/observation.lua")
local threads = 0
function setup(thread) thread:set("worker", threads); threads = threads + 1 end
function init() count = 0 end
function request()
  local entries = {}
  for i = 1, 100 do
    count = count + 1
    entries[i] = '{"resource":' .. observation(worker * 100000000 + count) .. ',"request":{"method":"POST","url":"Observation"}}'
  end
  return wrk.format("POST", "/fhir", { ["Authorization"] = wrk.headers["Authorization"], ["Content-Type"] = "application/fhir+json",
    ["Prefer"] = "return=minimal" }, '{"resourceType":"Bundle","type":"transaction","entry":[' .. table.concat(entries, ",") .. "]}")
end
