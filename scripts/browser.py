#!/usr/bin/env python3
"""browser.py PAGE DIRECTORY: opens a page in a real headless Chromium and looks for what a page of ours must not do.

It must ask for nothing, log nothing, run nothing, and fit a narrow screen. What it looks like is left in DIRECTORY: light.png,
dark.png, narrow.png and paper.pdf (paper-*.png too, where pdftoppm is there). Exit code 1: something was found, a line each.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

LIMIT = 30
# Of a picture, in pixels: beyond that Chromium draws nothing.
TALLEST = 12000


class Browser:
    """Speaks the DevTools protocol through pipes: messages that end in a zero byte."""

    def __init__(self, profile):
        commands, self.to = os.pipe()
        self.answers, results = os.pipe()

        def descriptors():
            # Both moved out of the way first: one may be where the other has to go.
            read, write = os.dup(commands), os.dup(results)
            high = max(read, write, 4) + 1
            os.dup2(read, high)
            os.dup2(write, high + 1)
            os.dup2(high, 3)
            os.dup2(high + 1, 4)

        self.process = subprocess.Popen(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-sync",
                "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "about:blank",
            ],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(results)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []

    def message(self):
        while b"\0" not in self.buffer:
            data = os.read(self.answers, 1 << 20)
            if not data:
                raise SystemExit("browser.py: Chromium ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"browser.py: {method}: " + answer["error"]["message"])
                return answer["result"]
            self.events.append(answer)

    def until(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")


def findings(browser, url):
    for event in browser.events:
        method, about = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and about["request"]["url"] != url:
            yield "it asks for " + about["request"]["url"]
        elif method == "Log.entryAdded":
            yield "it logs: " + about["entry"]["text"]
        elif method == "Runtime.consoleAPICalled":
            yield "it runs a script that logs"
        elif method == "Runtime.exceptionThrown":
            yield "it runs a script that fails"
        elif method in ("Page.javascriptDialogOpening", "Page.windowOpen"):
            yield "it opens a window"


def show(browser, directory, name, width, scheme):
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    height = min(TALLEST, browser.value("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    picture = browser.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
    with open(os.path.join(directory, name + ".png"), "wb") as file:
        file.write(base64.b64decode(picture))
    wide = browser.value("document.documentElement.scrollWidth")
    if wide > width:
        yield f"on a screen of {width} pixels it is {wide} wide"


def look(browser, url, directory):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(domain + ".enable")
    browser.events.clear()
    browser.call("Page.navigate", url=url)
    browser.until("Page.loadEventFired")
    found = []
    for name, width, scheme in (("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 390, "light")):
        found += show(browser, directory, name, width, scheme)
    silent = browser.value("[...document.querySelectorAll('svg')].filter(s => !s.querySelector('title')).length")
    if silent:
        found.append(f"{silent} pictures say nothing to those who do not see them")
    # A page of ours is built of these; anything else has come in with a name.
    foreign = browser.value("document.querySelectorAll('script,img,iframe,object,embed,link,form,a,video,audio').length")
    if foreign:
        found.append(f"{foreign} elements are none that our pages have")
    paper = browser.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True, printBackground=False)
    with open(os.path.join(directory, "paper.pdf"), "wb") as file:
        file.write(base64.b64decode(paper["data"]))
    return list(findings(browser, url)) + found


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    page, directory = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(directory, exist_ok=True)
    profile = tempfile.mkdtemp(prefix="driftwatch-browser-")
    browser = Browser(profile)
    # A browser that hangs is ended, and the pipe with it.
    patience = threading.Timer(LIMIT, browser.process.kill)
    patience.start()
    try:
        found = look(browser, "file://" + page, directory)
    finally:
        patience.cancel()
        browser.process.kill()
        browser.process.wait()
        shutil.rmtree(profile, ignore_errors=True)
    if shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "60", "-png", "-l", "6", directory + "/paper.pdf", directory + "/paper"], check=False)
    for line in dict.fromkeys(found):
        print(line)
    raise SystemExit(1 if found else 0)


main()
