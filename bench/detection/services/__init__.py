from services.build import Build
from services.gallery import Gallery
from services.nginx import Nginx
from services.nightly import Nightly
from services.postgres import Postgres
from services.redis import Redis
from services.webapp import WebApp

SERVICES = {service.name: service for service in (Nginx, Build, Redis, Postgres, WebApp, Nightly, Gallery)}
