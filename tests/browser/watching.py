"""A reader before a page, and what is watched on every page that they come to."""

import re
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

# Run before the page's own scripts, as the browser's developer tools would: no policy forbids it.
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
});
"""
JUTTING_OUT = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const last = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > page.clientWidth + 1)
    .map((one) => `${one.tagName}.${one.className}`);
  return [`${page.scrollWidth} px on a page of ${page.clientWidth}`, ...last];
}"""
# `preload` would fetch the style sheets again for a rule that only guesses.
# What the browser skips because it is far from the screen lies over its neighbours when measured.
AXE = """async (rules) => {
  const skipped = [...document.querySelectorAll(".chunk")];
  const show = (value) => skipped.forEach((one) => one.style.contentVisibility = value);
  show("visible");
  try {
    return await axe.run({resultTypes: ["violations"], preload: false, ...rules});
  } finally {
    show("");
  }
}"""
# Pages that axe has looked at in this run, without what is new each time.
SEEN = set()
SECRET = re.compile(r'name="(csrfmiddlewaretoken|opened)" value="[^"]*"')
CRITICAL = ("critical",)
SERIOUS = ("serious", "critical")
NOTHING = ()  # for screens of staff on the way: `test_every_page` looks at them
PHONE_WIDTH = 390
# The rules whose answer hangs on colours and places, not on the markup alone.
LAID_OUT = ["color-contrast", "target-size", "scrollable-region-focusable"]


class Reader:
    """One browser context with one page. What is amiss is noted in `complaints`."""

    def __init__(self, context, site, *, has_scripts):
        self.context, self.site, self._has_scripts = context, site, has_scripts
        self.complaints = []
        self._expected = set()
        self._elsewhere = []
        context.add_init_script(LISTEN)
        self.page = context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._note_request)

    def goes(self, path, status=200, impacts=SERIOUS):
        """Open an address, and look at what is there."""
        self.expects(status)
        answer = self.page.goto(path)
        assert answer.status == status, f"{path} answered {answer.status}"
        self.looks(impacts)
        return self.page

    def presses(self, target, impacts=SERIOUS):
        """Press a link or button that leads to another page, and look at what is there."""
        self.follows(target)
        self.looks(impacts)
        return self.page

    def follows(self, target):
        """Press, and do not look yet: axe scrolls the page while it looks."""
        with self.page.expect_navigation():
            target.click()

    def expects(self, status):
        """Not every refusal is amiss. (The browser reports each in its console.)"""
        self._expected.add(f"the server responded with a status of {status} ")

    def may_lose_the_line(self):
        """Here the network breaks, which the browser reports in its console."""
        self._expected.add("net::ERR_")

    def may_go_to(self, url):
        """Another site that ours leads to, which is not ours to look at."""
        self._elsewhere.append(url)

    def looks(self, impacts=SERIOUS):
        """Is all in order here? Nothing juts out, and axe has nothing serious to say."""
        self._fails_with(self.page.evaluate(JUTTING_OUT))
        sight = (impacts, self.page.viewport_size["width"], SECRET.sub("", self.page.content()))
        # axe is a script, and waits for ever where none may run
        if impacts and self._has_scripts and sight not in SEEN:
            self._fails_with(_violations(self.page, impacts, {}))
            SEEN.add(sight)

    def looks_everywhere(self):
        """The same page in dark colours and on a phone, where only what is laid out can differ."""
        light_and_dark = ["light", "dark"]
        for width, schemes in [(None, ["dark"]), (PHONE_WIDTH, light_and_dark)]:
            if width is not None:
                self.page.set_viewport_size({"width": width, "height": 844})
            self._fails_with(self.page.evaluate(JUTTING_OUT))
            for scheme in schemes:
                self.page.emulate_media(color_scheme=scheme)
                self._fails_with(_violations(self.page, SERIOUS, {"runOnly": LAID_OUT}))
        self.page.emulate_media(color_scheme="light")

    def _fails_with(self, found):
        assert not found, "\n".join([self.page.url, *found])

    def _note_console(self, message):
        known = any(words in message.text for words in self._expected)
        if message.type == "error" and not known:
            self.complaints.append(f"console: {message.text} at {self.page.url}")

    def _note_request(self, request):
        if not request.url.startswith((f"{self.site}/", "data:", "blob:", *self._elsewhere)):
            self.complaints.append(f"{urlsplit(request.url).netloc} was asked by {self.page.url}")


def _violations(page, impacts, rules):
    """What axe-core finds, one line for each element."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for one in page.evaluate(AXE, rules)["violations"]
        if one["impact"] in impacts
        for node in one["nodes"]
    ]
