"""A server that takes everything that `wandb sync` sends, and keeps what a test looks at.

usage: fake_wandb.py FOLDER

FOLDER gets `port` as soon as it listens on loopback, `history.jsonl` with the rows of history in the order in which they
stand there by their offsets, and `uploads.txt` with the names of uploaded files. The few answers are what wandb 0.31 asks
for: who is there, a run that is made or found, and where files go.
"""

import gzip
import http.server
import json
import os
import sys

folder = sys.argv[1]
os.makedirs(folder)
rows = {}
uploads = []


def keep():
    with open(os.path.join(folder, "history.jsonl"), "w") as file:
        file.writelines(rows[offset] + "\n" for offset in sorted(rows))
    with open(os.path.join(folder, "uploads.txt"), "w") as file:
        file.writelines(name + "\n" for name in uploads)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        reply = {}
        if self.path.startswith("/graphql"):
            reply = {"data": self.query(json.loads(body))}
        elif self.path.endswith("/file_stream"):
            history = json.loads(body).get("files", {}).get("wandb-history.jsonl")
            for number, line in enumerate(history["content"] if history else []):
                rows[history["offset"] + number] = line
            keep()
        elif self.path.startswith("/upload/"):
            uploads.append(self.path.removeprefix("/upload/"))
            keep()
        text = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def query(self, request):
        text, variables = request["query"], request.get("variables") or {}
        if "upsertBucket" in text:
            project = {"id": "p", "name": variables.get("project") or "p", "entity": {"id": "e", "name": "entity"}}
            bucket = {
                "id": "x", "name": variables.get("name"), "displayName": variables.get("displayName") or "x",
                "description": "", "config": "{}", "sweepName": None, "historyLineCount": len(rows), "project": project,
            }
            return {"upsertBucket": {"bucket": bucket, "inserted": not rows}}
        if "createRunFiles" in text:
            port = self.server.server_port
            files = [
                {"name": name, "uploadUrl": f"http://127.0.0.1:{port}/upload/{name}"} for name in variables["files"]
            ]
            return {"createRunFiles": {"runID": "x", "uploadHeaders": [], "files": files}}
        if "viewer" in text:
            return {"viewer": {"id": "v", "entity": "entity", "username": "u", "flags": "{}", "teams": {"edges": []}}}
        return {}

    do_GET = do_POST = do_PUT = answer


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
temporary = os.path.join(folder, "port.tmp")
with open(temporary, "w") as file:
    file.write(str(server.server_port))
os.rename(temporary, os.path.join(folder, "port"))
server.serve_forever()
