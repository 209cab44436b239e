-- Visitors of a web server: pages in random order, some that are not there, parts of pages, uploads, the dynamic page.
local letters = "abcdefghij"
local big = string.rep("x", 40000)

function init() math.randomseed(os.time()) end

-- Milliseconds until the next request; busy and quiet times take turns.
function delay() return math.random(5, os.time() % 20 < 10 and 30 or 200) end

function request()
  local dice = math.random(100)
  local number = math.random(0, 199)
  local page = "/" .. letters:sub(number % 10 + 1, number % 10 + 1) .. "/page-" .. number .. ".html"
  if dice <= 70 then return wrk.format("GET", page) end
  if dice <= 75 then return wrk.format("GET", page, { ["Range"] = "bytes=2-20" }) end
  if dice <= 80 then return wrk.format("GET", page, { ["Accept-Encoding"] = "gzip" }) end
  if dice <= 85 then return wrk.format("GET", "/missing-" .. math.random(1000000)) end
  if dice <= 90 then return wrk.format("POST", "/upload", nil, big) end
  return wrk.format("GET", "/page?name=visitor" .. number)
end
