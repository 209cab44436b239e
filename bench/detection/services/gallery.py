"""A PHP application in Debian's Apache: sessions, uploads, and a page that runs the template that it is sent."""

import os
import shutil
import urllib.parse

from attacks.inside import gallery
from services.service import Service, fetch

FILES = os.path.join(os.path.dirname(__file__), "files/gallery")
CONF = """
ServerRoot /etc/apache2
ServerName gallery
DefaultRuntimeDir /run
PidFile /run/apache2.pid
Listen 80
User www-data
Group www-data
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so
TypesConfig /etc/mime.types
<FilesMatch "\\.php$">
  SetHandler application/x-httpd-php
</FilesMatch>
StartServers 3
MaxRequestWorkers 10
MaxConnectionsPerChild 2000
DocumentRoot /srv/www
DirectoryIndex index.php
<Directory /srv/www>
  Require all granted
</Directory>
LogFormat "%h %t \\"%r\\" %>s %b" common
CustomLog /var/log/apache2/access.log common
ErrorLog /var/log/apache2/error.log
"""


class Gallery(Service):
    name = "gallery"
    user = "www-data"
    inside = gallery.ATTACKS
    command = ["apache2", "-f", "/srv/conf/apache.conf", "-DFOREGROUND"]
    client = ["wrk", "-t1", "-c2", "-d24h", "-s", "/load/gallery.lua", "http://127.0.0.1"]

    def prepare(self, replica):
        conf, data, logs = (f"{replica.top}/{part}" for part in ("conf", "data", "log"))
        for directory in (conf, data, logs):
            os.makedirs(directory, exist_ok=True)
        os.chmod(data, 0o777)
        with open(f"{conf}/apache.conf", "w") as file:
            file.write(CONF)
        www = f"{replica.top}/www"
        shutil.copytree(FILES, www, dirs_exist_ok=True)
        return [
            (conf, "/srv/conf:ro"),
            (www, "/srv/www:ro"),
            (data, "/var/lib/gallery"),
            (logs, "/var/log/apache2"),
        ]

    def is_ready(self, replica):
        return replica.server.within(fetch, "http://127.0.0.1/") != b""

    def rotate(self, replica):
        logs = f"{replica.top}/log"
        for name in ("access.log", "error.log"):
            os.rename(f"{logs}/{name}", f"{logs}/{name}.1")
        replica.server.kill("USR1")

    def within_worker(self, replica, code):
        data = urllib.parse.urlencode({"template": code + "\necho 'DONE';"}).encode()
        return b"DONE" in replica.server.within(fetch, "http://127.0.0.1/preview.php", data)

    def shell(self, replica, command):
        quoted = command.replace("\\", "\\\\").replace("'", "\\'")
        return self.within_worker(replica, f"system('{quoted}', $status); if ($status != 0) exit;")
