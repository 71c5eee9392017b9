"""An article and a source that try everything: markup, script addresses, overridden direction."""

from __future__ import annotations

from html import escape

IMAGE = "<img src=x onerror=alert(1)>"
OVERRIDE = "\u202egnp.exe\u202c"
ISOLATE = "\u2066\u2067"

_TITLE = f"Harrow Weir {IMAGE} {OVERRIDE}"
_LINKS = ("javascript:alert(2)", "https://user@evil.example/", "data:text/html,<b>x</b>")

ARTICLE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{escape(_TITLE)}</title></head>
<body class="mediawiki"><h1 id="firstHeading">{escape(_TITLE)}</h1>
<div id="mw-content-text"><div class="mw-parser-output">
<table class="infobox"><tr><th>{escape("Height" + IMAGE)}</th>
<td>{escape("9 m " + OVERRIDE)}</td></tr>
<tr><th>Keeper</th><td>{escape("</dd><script>alert(3)</script>")}</td></tr></table>
<p>The weir {escape(IMAGE)} was built in 1871 by {OVERRIDE} and cost 900
marks.<sup class="reference"><a href="#cite_note-1">[1]</a></sup> It was mended in
1902{ISOLATE} after a flood.<sup class="reference"><a href="#cite_note-2">[2]</a></sup> The keeper
said {escape('" onmouseover="alert(4)')} to the mayor.<sup class="reference"><a
href="#cite_note-3">[3]</a></sup> {escape("{{ 7 * 7 }} {% raw %}")} stands on its gate.<sup
class="reference"><a href="#cite_note-4">[4]</a></sup></p>
<ol class="references">
<li id="cite_note-1"><span class="reference-text"><a href="{_LINKS[0]}">{escape(IMAGE)}</a>
{escape("<script>alert(5)</script>")} Weir Report. 1871.</span></li>
<li id="cite_note-2"><span class="reference-text"><a href="{_LINKS[1]}">Flood {OVERRIDE}
report</a>. 1902.</span></li>
<li id="cite_note-3"><span class="reference-text"><a href="{escape(_LINKS[2])}">Mayor</a> {ISOLATE}
papers. 1903.</span></li>
<li id="cite_note-4"><span class="reference-text">Gate book {escape('"><svg onload=alert(6)>')}.
1904.</span></li>
</ol></div></div></body></html>
"""

SOURCE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{escape("Weir Report " + IMAGE)}</title></head><body><main>
<h1>Weir Report {escape(IMAGE)}</h1>
<p>The weir {escape(IMAGE)} was built in 1871 and cost 900 marks, as the {OVERRIDE} engineer wrote
in his book of that year, which is kept in the town hall of Harrow.</p>
<p>{escape("</blockquote><script>alert(7)</script>")} is written on the stone over the sluice, and
nobody in the town knows what was meant by it, nor who wrote it there.</p>
<script>alert(8)</script></main></body></html>
"""
