-- Customers of the shop: they look, ask for prices, put goods in, upload pictures; some are lost.
function init() math.randomseed(os.time()) end

function delay() return math.random(10, os.time() % 20 < 10 and 60 or 300) end

function request()
  local dice = math.random(100)
  if dice <= 50 then return wrk.format("GET", "/") end
  if dice <= 70 then return wrk.format("GET", "/price") end
  if dice <= 85 then return wrk.format("POST", "/goods", nil, string.rep("g", math.random(200))) end
  if dice <= 95 then return wrk.format("POST", "/upload", nil, string.rep("p", math.random(20000))) end
  return wrk.format("GET", "/missing" .. math.random(100000))
end
