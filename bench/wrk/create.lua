-- POST of one Observation, each another.
dofile(os.getenv("HEYI_BENCH") .. "/wrk/report.lua")
local observation = dofile(os.getenv("HEYI_BENCH") .. "/wrk/observation.lua")
local threads = 0
function setup(thread) thread:set("worker", threads); threads = threads + 1 end
function init() count = 0 end
function request()
  count = count + 1
  return wrk.format("POST", "/fhir/Observation", { ["Authorization"] = wrk.headers["Authorization"], ["Content-Type"] = "application/fhir+json",
    ["Prefer"] = "return=minimal" }, observation(worker * 100000000 + count))
end
