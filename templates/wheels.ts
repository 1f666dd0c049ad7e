/**
 * Packages of Python for tests, as an index has them: of one there are two files, one is for another system, one comes
 * with an extra, and one is for development. The lock files in `agent/src/builder/recognise/wheels/fixtures` name them
 * by their hashes.
 */
import { wheelOf } from "./registry.ts"

const compiled = "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64"

export const wheels: Readonly<Record<string, Buffer>> = {
  "greet-1.0-py3-none-any.whl": wheelOf(
    "greet",
    {
      "greet/__init__.py": "import words, shout\ndef text(): return shout.shout(words.words)\n",
      "greet/web.py":
        "import http.server, os, greet\nclass Page(http.server.BaseHTTPRequestHandler):\n  def do_GET(self):\n    self.send_response(200); self.end_headers(); self.wfile.write(greet.text().encode())\ndef main(): http.server.HTTPServer(('', int(os.environ['PORT'])), Page).serve_forever()\n",
      "greet-1.0.dist-info/entry_points.txt": "[console_scripts]\ngreet-web = greet.web:main\n",
    },
    [
      "Requires-Dist: words (>=1)",
      'Requires-Dist: winonly (>=1) ; sys_platform == "win32"',
      "Provides-Extra: loud",
      'Requires-Dist: shout (>=1) ; extra == "loud"',
    ],
  ),
  [`words-1.0-${compiled}.whl`]: wheelOf("words", { "words.py": "words = 'as compiled'\n" }),
  "words-1.0-py3-none-any.whl": wheelOf("words", { "words.py": "words = 'for every system'\n" }),
  "shout-1.0-py3-none-any.whl": wheelOf("shout", { "shout.py": "def shout(text): return text.upper()\n" }),
  "winonly-1.0-py3-none-any.whl": wheelOf("winonly", { "winonly.py": "" }),
  "tool-1.0-py3-none-any.whl": wheelOf("tool", { "tool.py": "" }),
}
