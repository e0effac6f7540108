"""A headless Chromium driven through its debugging pipe: what the page does is seen as it happens,
without a port, a driver program or a third-party module."""

import base64
import json
import os
import shutil
import subprocess
import tempfile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--remote-debugging-pipe",
]


def find():
    """The path of a Chromium, or None."""
    return next((path for path in map(shutil.which, ("chromium", "chromium-browser")) if path), None)


class Page:
    """One page of a browser of its own; use it in a `with`."""

    def __init__(self, path, width=1280, height=900, dark=False, media=""):
        self.requests = []  # addresses that the page asked for
        self.faults = []  # exceptions and error messages of the console
        self._answers = {}
        self._seen = set()
        self._last = 0
        self._rest = b""
        self._profile = tempfile.mkdtemp(prefix="s1flow-chromium-")
        down_read, self._down = os.pipe()
        self._up, up_write = os.pipe()

        def place():
            # The browser reads commands from descriptor 3 and answers on 4.
            os.dup2(down_read, 13)
            os.dup2(up_write, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        self._process = subprocess.Popen(
            [find(), *FLAGS, "--user-data-dir=" + self._profile, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place, close_fds=False)
        os.close(down_read)
        os.close(up_write)
        target = self._call("Target.createTarget", {"url": "about:blank"}, None)["targetId"]
        self._session = self._call(
            "Target.attachToTarget", {"targetId": target, "flatten": True}, None)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride",
                  width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while "Page.loadEventFired" not in self._seen:
            self._pump()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._down)  # the browser ends when its pipe does
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._up)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method, **params):
        return self._call(method, params, self._session)

    def run(self, script):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def screenshot(self, to, x=0, y=0, width=None, height=None):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": x, "y": y, "width": width or size["width"],
                "height": min(height or size["height"], size["height"] - y), "scale": 1}
        data = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        with open(to, "wb") as file:
            file.write(base64.b64decode(data))

    def _call(self, method, params, session):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._down, data):]
        while self._last not in self._answers:
            self._pump()
        answer = self._answers.pop(self._last)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _pump(self):
        while b"\0" not in self._rest:
            data = os.read(self._up, 1 << 20)
            if not data:
                raise AssertionError("the browser ended early")
            self._rest += data
        line, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(line)
        if "id" in message:
            self._answers[message["id"]] = message
            return
        method, params = message["method"], message["params"]
        self._seen.add(method)
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.faults.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.faults.append(params["entry"]["text"])
