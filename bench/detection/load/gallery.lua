-- Visitors of the gallery: some come back with their session, some bring a picture.
local session
local part = "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
local picture = string.rep("0", 32)

function init() math.randomseed(os.time()) end

function delay() return math.random(10, os.time() % 20 < 10 and 60 or 300) end

function request()
  local dice = math.random(100)
  if dice <= 20 then return wrk.format("GET", "/") end
  if dice <= 60 then return wrk.format("GET", "/", { ["Cookie"] = session }) end
  if dice <= 75 then return wrk.format("GET", "/picture.php?name=" .. picture) end
  if dice <= 80 then return wrk.format("POST", "/preview.php") end
  if dice <= 95 then
    local body = part .. math.random(1000000) .. string.rep("p", math.random(20000)) .. "\r\n--x--\r\n"
    return wrk.format("POST", "/upload.php", { ["Content-Type"] = "multipart/form-data; boundary=x" }, body)
  end
  return wrk.format("GET", "/missing" .. math.random(100000))
end

function response(status, headers, body)
  local cookie = headers["Set-Cookie"]
  if cookie then session = cookie:match("^[^;]*") end
  if status == 200 and #body == 32 then picture = body end
end
