"""Whether this machine's web server is up: for a container's health check. 0 where it is, else 1.

Other parts that fail do not make a web server that answers unhealthy: restarting it would mend nothing.
"""

import http.client
import json
import os
import sys

PORT = int(os.environ.get("PROBE_PORT", "8000"))


def main() -> int:
    name = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=8)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        parts = json.load(connection.getresponse())["parts"]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return 1
    return 0 if parts["web"]["ok"] and parts["database"]["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
