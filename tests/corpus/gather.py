#!/usr/bin/env python3
"""Gather licensed clean text of many languages and kinds into JSON Lines, to count what `clean` would change in it.

usage: gather.py OUT.jsonl [--work DIR] [--installed] [--limit-code MB]

Reads the Debian packages named in packages.txt (downloaded with apt-get, unpacked with dpkg, not installed) and, with --installed, what the
machine has: /usr/share/doc, /usr/share/common-licenses, /usr/share/locale, the cargo registry, Python's library. A record: id, text, url (package/path),
language, kind (prose, man, code, licence, list, strings). Pages become plain text by a simple tag stripper: one document a file. Catalogues of translations
become documents of some pages, a string a line. Nothing of it belongs into the repository.
"""
import argparse, collections, gzip, hashlib, html, json, pathlib, re, struct, subprocess, sys, tarfile, zipfile

HERE = pathlib.Path(__file__).resolve().parent
# What the package itself holds in a wrong encoding, or with characters lost: not clean. What only speaks of such damage, and quotes it, stays: it must not be
# repaired (debian-handbook's basic-configuration.html, LibreOffice's strconv.html, Node's buffer.html, webencodings/tests.py, the alphabets in kfontinst.mo).
DAMAGED = (
    "vim/html/digraph.html",
    # UTF-8 read as Latin-1 or cp1252: Â°, â€“, Ã©; in fakeroot, pslog, law and libxml2 twice.
    "locale/de/LC_MESSAGES/blender.mo", "locale/it/LC_MESSAGES/freeciv-core.mo", "locale/nb/LC_MESSAGES/kfontinst.mo", "locale/cy/LC_MESSAGES/gtk20.mo",
    "locale/nb/LC_MESSAGES/tar.mo", "locale/nl/LC_MESSAGES/python-apt.mo", "i18n/exif/ga.json", "i18n/exif/vec.json", "ParserFunctions/i18n/cs.json",
    "developers-reference/ru/best-pkging-practices.html", "developers-reference/ru/developers-reference.html", "developers-reference/ru/developers-reference.txt.gz",
    "developers-reference/ru/resources.html", "fortunes/computers", "fortunes/law", "fortunes/pets", "fortunes/it/italia", "fortunes/it/luke", "fortunes/it/paolotedeschi",
    "fortunes/it/zuse", "dbus/copyright", "libidn2-0/NEWS.gz", "libidn2-0/changelog.gz", "libxml2/changelog.gz", "man7/iso_8859-1.7.gz", "man1/pslog.1.gz",
    "es/man1/faked-sysv.1.gz", "es/man1/fakeroot-sysv.1.gz", "man1/ps.1.gz", "login/changelog.gz",
    "es/man1/faked-tcp.1.gz", "es/man1/fakeroot-tcp.1.gz", "libxml2-dev/changelog.gz", "locale/ln/LC_MESSAGES/gedit.mo",
    "locale/ga/LC_MESSAGES/caja.mo", "locale/kab/LC_MESSAGES/caja.mo", "locale/kab/LC_MESSAGES/nemo.mo", "locale/kab/LC_MESSAGES/nautilus.mo",
    "locale/cy/LC_MESSAGES/gtk30.mo", "locale/lt/LC_MESSAGES/hexchat.mo", "locale/rw/LC_MESSAGES/hexchat.mo", "locale/mg/LC_MESSAGES/mate-panel.mo",
    "locale/rw/LC_MESSAGES/libgweather-4.0-locations.mo", "dbus-bin/copyright", "libidn2-dev/changelog.gz", "passwd/changelog.gz",
    # UTF-8 read as cp1250, ISO-8859-2, MacRoman, KOI8-R, cp1252: ÄŤ, ĹĄ, ‚Üê, ц╗, Ã¢.
    "locale/bs/LC_MESSAGES/mate-terminal.mo", "locale/bs/LC_MESSAGES/pluma.mo", "locale/hr/LC_MESSAGES/mate-control-center.mo", "languages/i18n/kbp.json",
    "locale/oc/LC_MESSAGES/gthumb.mo", "locale/id/LC_MESSAGES/wesnoth.mo",
    # Prints what Buffer makes of UTF-8 read as Latin-1: tÃ©st.
    "nodejs/api/buffer.html", "nodejs/api/buffer.json.gz", "nodejs/api/buffer.md",
    # A chat about garbage on the line, with the garbage.
    "fortunes/pl/linuxpl",
    # Single bytes of a character lost or changed: 应用禀\x8b序间, 마쥀\x80막, ាន after \x9e\x98.
    "help/zh-CN/text/scalc/guide/csv_files.html", "help/zh-CN/text/shared/02/12070100.html", "help/zh-CN/text/shared/02/12070200.html",
    "help/zh-CN/text/shared/02/12070300.html", "help/zh-CN/text/shared/guide/keyboard.html", "help/zh-CN/text/simpress/01/06050000.html",
    "help/zh-CN/text/simpress/02/10070000.html", "help/zh-CN/text/simpress/guide/animated_gif_create.html", "help/zh-CN/text/simpress/guide/animated_gif_save.html",
    "help/zh-CN/text/simpress/guide/main.html", "help/zh-CN/text/simpress/guide/rehearse_timings.html", "help/zh-CN/text/swriter/01/05090100.html",
    "help/zh-CN/text/swriter/guide/references.html", "help/zh-TW/text/scalc/guide/multioperation.html", "help/zh-TW/text/shared/01/01070000.html",
    "help/ko/text/scalc/guide/formula_copy.html", "help/ko/text/shared/00/00000215.html", "help/ko/text/shared/01/05020300.html",
    "help/ko/text/shared/guide/integratinguno.html", "help/ko/text/shared/guide/redlining_accept.html", "help/ko/text/swriter/01/02120000.html",
    "help/pl/text/shared/autopi/01000000.html", "help/pl/text/shared/autopi/01170000.html", "help/km/bookmarks.js", "help/km/text/scalc/01/04060181.html",
    "help/km/text/scalc/01/12090105.html", "help/km/text/sdatabase/11000002.html", "help/km/text/shared/00/00000003.html", "help/km/text/shared/01/05350400.html",
    "help/km/text/shared/guide/data_addressbook.html", "help/km/text/shared/guide/data_register.html", "help/km/text/smath/01/03091503.html",
    "help/km/text/smath/01/03091600.html", "help/km/text/swriter/guide/footer_pagenumber.html", "resource/ko/LC_MESSAGES/dba.mo", "resource/ko/LC_MESSAGES/sw.mo",
    "resource/vi/LC_MESSAGES/sc.mo", "languages/admin-network-fa_IR.mo", "languages/my_MM.mo", "languages/i18n/ch.json", "languages/i18n/lt.json",
    "locale/hr/LC_MESSAGES/pidgin.mo", "locale/bs/LC_MESSAGES/gnome-shell.mo",
    # U+FFFD for what was lost.
    "locale/nl/LC_MESSAGES/freeciv-core.mo", "locale/nl/LC_MESSAGES/freeciv-nations.mo", "locale/be/LC_MESSAGES/gtk20-properties.mo",
    "locale/mn/LC_MESSAGES/gtk20-properties.mo", "locale/mn/LC_MESSAGES/gtk20.mo", "locale/mn/LC_MESSAGES/gdk-pixbuf.mo", "locale/pt/LC_MESSAGES/tar.mo",
    "ve-cite/i18n/be-tarask.json", "api/i18n/ta.json", "i18n/exif/rm.json", "languages/i18n/oc.json", "languages/i18n/shn.json", "languages/i18n/yue.json",
    "songci/ci.song.11000.json", "songci/ci.song.14000.json", "bsdextrautils/copyright", "gettext/NEWS.gz", "libacl1/changelog.gz", "libattr1/changelog.gz",
    "libsource-highlight-common/changelog.gz", "make/changelog.Debian.gz",
    "libsource-highlight4v5/changelog.gz", "bsdutils/copyright", "songci/ci.song.16000.json", "locale/mn/LC_MESSAGES/gtk30-properties.mo",
    "locale/vi/LC_MESSAGES/gtk30-properties.mo", "locale/el/LC_MESSAGES/pidgin.mo", "locale/km/LC_MESSAGES/pidgin.mo",
)
# Members of JSON that hold no text: keys, and the tone patterns of poems.
NO_TEXT = ("id", "strains")
SMALLEST, LARGEST = 200, 1_500_000  # characters: less says nothing, more is a data file
PAGE = 20_000  # characters of a catalogue that make a document
CODE = {".rs", ".py", ".c", ".h", ".sh", ".toml", ".js", ".css", ".pl", ".pm", ".yaml", ".yml", ".json", ".sql", ".go", ".tcl"}
PROSE = {".txt", ".md", ".rst", ".adoc", ".asciidoc", ".pod"}
LANGUAGE = re.compile(r"(?:^|[/._-])(ar|bg|bn|ca|cs|da|de|el|en|es|et|eu|fa|fi|fr|gl|gu|he|hi|hr|hu|id|it|ja|ka|kn|ko|lt|lv|mk|ml|mr|nb|nl|nn|pa|pl|"
                      r"pt|ro|ru|si|sk|sl|sr|sv|ta|te|th|tr|uk|vi|zh)(?:[_-]([A-Z]{2}|[a-z]{2}))?(?=[/._])")


def language_of(path):
    found = LANGUAGE.search(path)
    if not found:
        return "en"
    return "zh-Hant" if found[1] == "zh" and (found[2] or "").upper() in ("TW", "HK") else found[1]


CATALOGUE = re.compile(r"(?:^|[/_-])([a-z]{2,3})(?:[_-]([A-Za-z]{2,4}))?(?:@\w+)?(?:/LC_MESSAGES/[^/]+\.mo|\.mo|\.json)$")


def language_of_catalogue(path):
    found = CATALOGUE.search(path)
    if not found:
        return None
    return "zh-Hant" if found[1] == "zh" and (found[2] or "").lower() in ("tw", "hk", "mo", "hant") else found[1]


def strings_of_mo(data):
    """The translations in a catalogue of gettext, if it says that it is UTF-8."""
    order = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}.get(data[:4])
    if not order or len(data) < 20:
        return
    _, number, originals, translations = struct.unpack_from(order + "4I", data, 4)
    for n in range(number):
        (size, at), (new_size, new_at) = (struct.unpack_from(order + "2I", data, table + 8 * n) for table in (originals, translations))
        original, translation = data[at:at + size], data[new_at:new_at + new_size]
        if not original:
            if not re.search(rb"charset=utf-?8", translation, re.I):
                return
        elif translation not in original.split(b"\0"):
            yield from translation.decode("utf-8").split("\0")


def strings_of_json(value):
    """Whatever strings a file holds, names of members and remarks to translators left out."""
    if isinstance(value, dict):
        for name, member in value.items():
            if not name.startswith("@") and name not in NO_TEXT:
                yield from strings_of_json(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings_of_json(member)
    elif isinstance(value, str):
        yield value


def documents_of_catalogue(path, inner, kind, language):
    """(number, text, "strings", language) of the pages of a catalogue: gettext's, or JSON in a folder for translations."""
    try:
        if path.suffix == ".mo":
            strings = list(strings_of_mo(path.read_bytes()))
        else:
            strings = list(strings_of_json(json.loads(path.read_text(encoding="utf-8"))))
    except (ValueError, RecursionError, struct.error):
        return
    which = language if language != "*" and kind == "strings" else language_of_catalogue(inner)
    page, size, number = [], 0, 0
    for string in strings + [None]:
        if page and (string is None or size >= PAGE):
            yield f"#{number}", "\n".join(page) + "\n", "strings", which or "en"
            page, size, number = [], 0, number + 1
        if string and string.strip():
            page.append(string.rstrip("\n"))
            size += len(string) + 1


def is_catalogue(path, kind):
    return path.suffix == ".mo" or path.suffix == ".json" and (kind == "strings" or path.parent.name == "i18n") and path.stem not in ("qqq", "package")


HIDDEN = re.compile(r"<(script|style|head|nav|svg|noscript|template|select|button|textarea)\b.*?</\1\s*>|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[|\]\]>|<![^>]*>", re.S | re.I)
TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*)([^<>]*)>")
BLOCK = set("p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table tr section article main aside header footer blockquote figure figcaption pre hr br "
            "title item note para steps list media sect1 sect2 sect3 chapter listitem itemizedlist orderedlist variablelist varlistentry term caption".split())
SPHINX = re.compile(r'<div class="body" role="main">(.*?)<div class="(?:clearer|sphinxsidebar)"', re.S)


def plain_of_page(page):
    """The readable text of a page: a line a block, preformatted text as it is."""
    body = SPHINX.search(page)
    page = HIDDEN.sub("", body[1] if body else page)
    page = re.sub(r'<a class="headerlink".*?</a>|<info\b.*?</info>', "", page, flags=re.S)
    out, at, raw = [], 0, 0
    for tag in TAG.finditer(page):
        text = page[at:tag.start()]
        out.append(text if raw else re.sub(r"[ \t\r\n]+", " ", text))
        name = tag[2].lower()
        if name in ("pre", "screen", "programlisting", "code") and name != "code":
            raw = max(0, raw + (-1 if tag[1] else 1))
            out.append("\n")
        elif name in BLOCK:
            out.append("\n")
        elif name in ("td", "th") and not tag[1]:
            out.append("\t")
        at = tag.end()
    out.append(re.sub(r"\s+", " ", page[at:]))
    text = html.unescape("".join(out))
    text = "\n".join(line.strip(" \t") if not line.startswith("    ") else line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


ESCAPES = {"\\-": "-", "\\e": "\\", "\\&": "", "\\|": "", "\\^": "", "\\ ": " ", "\\~": "\u00a0", "\\(aq": "'", "\\(bu": "•", "\\(co": "©", "\\(em": "—", "\\(en": "–",
           "\\(lq": "“", "\\(rq": "”", "\\(oq": "‘", "\\(cq": "’", "\\(dq": '"', "\\(ga": "`", "\\(ti": "~", "\\(ha": "^", "\\.": ".", "\\'": "'", "\\`": "`", "\\\\": "\\",
           "\\/": "", "\\,": "", "\\:": "", "\\%": "", "\\c": "", "\\0": " "}
ESCAPE = re.compile(r"\\f(?:\(..|\[[^\]]*\]|.)|\\s[+-]?\d|\\\*(?:\(..|\[[^\]]*\]|.)|\\\[u([0-9A-F]{4,5})\]|\\(?:\(..|\[[^\]]*\]|.)", re.S)


def plain_of_man(source):
    """The words of a manual page: paragraphs joined, headings and terms on lines of their own, examples as they are."""
    def escape(found):
        return chr(int(found[1], 16)) if found[1] else ESCAPES.get(found[0], "")
    out, paragraph, raw = [], [], False

    def flush():
        if paragraph:
            out.append(" ".join(paragraph))
            paragraph.clear()
    term = False
    for line in source.split("\n"):
        if line.startswith((".\\\"", "'\\\"")):
            continue
        name, _, rest = line[1:].strip().partition(" ") if line[:1] in (".", "'") else ("", "", "")
        if not name and line[:1] in (".", "'"):
            continue
        text = ESCAPE.sub(escape, (" ".join(re.findall(r'"[^"]*"|\S+', rest)).replace('"', "") if name else line))
        if name in ("nf", "EX"):
            flush(); raw = True
        elif name in ("fi", "EE"):
            raw = False; out.append("")
        elif name in ("SH", "SS", "Sh", "Ss"):
            flush(); out.extend(["", text])
        elif name in ("TP", "IP", "PP", "P", "LP", "HP", "Pp", "It", "sp", "br"):
            flush()
            if name not in ("br", "TP"):
                out.append("")
            if name in ("IP", "It") and text:
                out.append(re.sub(r"\s+\d+$", "", text))
            term = name == "TP"
        elif name in ("TH", "Dd", "Dt", "Os", "de", "ds", "ie", "el", "if", "so", "ad", "na", "hy", "nh", "RS", "RE", "in", "ta", "ft", "ne", "UR", "MT", "tr", ".", "PD"):
            continue
        elif name in ("B", "I", "BR", "RB", "BI", "IB", "IR", "RI", "SM", "SB", "") or name[:1].isupper():
            if name in ("BR", "RB", "BI", "IB", "IR", "RI"):
                text = ESCAPE.sub(escape, "".join(a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', rest)))
            if raw:
                out.append(text)
            elif text.strip():
                paragraph.append(text.strip())
            if term:
                flush(); term = False
    flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in out)).strip() + "\n"


def decoded(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        named = re.search(rb"charset=[\"']?([\w-]+)", data[:2000])
        try:
            return data.decode(named[1].decode()) if named else None
        except (LookupError, UnicodeDecodeError):
            return None


def text_of(path, kind):
    """(text, kind) of a file, or None for what is not a document."""
    data = path.read_bytes()
    name = path.name
    if name.endswith(".gz"):
        try:
            data, name = gzip.decompress(data), name[:-3]
        except OSError:
            return None
    if b"\0" in data[:4096]:
        return None
    text = decoded(data)
    if text is None:
        return None
    text, suffix = text.replace("\r\n", "\n"), pathlib.Path(name).suffix.lower()
    if "/man/" in str(path):
        return plain_of_man(text), "man"
    if re.search(r"\.x?html?(\.|$)", name) or suffix in (".page", ".docbook", ".xml"):
        return plain_of_page(text), kind
    if re.match(r"(copyright|licen[cs]e|copying)", name, re.I) or "common-licenses" in str(path):
        return text, "licence"
    if re.match(r"(changelog|changes|news|authors|credits)", name, re.I):
        return text, "list"
    if suffix in CODE:
        return text, "code"
    if suffix in PROSE or name.isupper() or kind != "code" and suffix == "":
        return text, "prose" if kind == "code" else kind
    return None


def fetch(names, folder):
    """Debian packages, npm packages (`npm:NAME`) and Python packages (`pypi:NAME`), as files in a folder; what cannot be had is left out."""
    debian = [name for name in names if ":" not in name]
    apt = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root"]
    for n in range(0, len(debian), 10):
        some = debian[n:n + 10]
        if subprocess.run([*apt, *some], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            # One name that is unknown to apt-get keeps the others from being fetched.
            for name in some:
                if not list(folder.glob(name + "_*.deb")):
                    subprocess.run([*apt, name], cwd=folder, check=False, stdout=subprocess.DEVNULL)
    for name in names:
        source, _, plain = name.rpartition(":")
        target = folder / name.replace(":", "_").replace("/", "_")
        if source:
            target.mkdir(exist_ok=True)
            command = ["npm", "pack", "--silent", plain] if source == "npm" else ["pip", "download", "-q", "--no-deps", "--no-binary", ":none:", plain]
            try:
                subprocess.run(command, cwd=target, check=False, stdout=subprocess.DEVNULL)
            except OSError as error:
                print(error, file=sys.stderr)


def unpack(name, folder, root):
    """Unpacks what `fetch` brought, without running anything of it."""
    source, _, _ = name.rpartition(":")
    if not source:
        for deb in folder.glob(name + "_*.deb"):
            subprocess.run(["dpkg", "-x", deb, root], check=True)
        return
    for archive in sorted((folder / name.replace(":", "_").replace("/", "_")).glob("*")):
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as files:
                files.extractall(root)
        else:
            with tarfile.open(archive) as files:
                files.extractall(root, filter="data")


def packages(work):
    rows = [line.split() for line in (HERE / "packages.txt").read_text().split("\n") if line and line[0] != "#"]
    for folder in ("deb", "root"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    def root(name):
        return work / "root" / name.replace(":", "_").replace("/", "_")
    fetch([name for name, *_ in rows if not root(name).exists() and not list((work / "deb").glob(name + "_*.deb"))], work / "deb")
    for name, kind, language, *limit in rows:
        if not root(name).exists():
            unpack(name, work / "deb", root(name))
        if root(name).exists():
            yield name, root(name), kind, language, float(limit[0]) if limit else None
        else:
            print(f"{name}: not to be had", file=sys.stderr)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out")
    arguments.add_argument("--work", default="corpus-work", type=pathlib.Path)
    arguments.add_argument("--installed", action="store_true", help="also what is installed on this machine")
    arguments.add_argument("--limit-code", default=150, type=float, metavar="MB")
    options = arguments.parse_args()
    home = pathlib.Path.home()
    places = list(packages(options.work.resolve()))
    if options.installed:
        places += [(name, root, kind, language, None) for name, root, kind, language in [
            ("installed", pathlib.Path("/usr/share/doc"), "prose", "en"), ("installed-man", pathlib.Path("/usr/share/man"), "man", "*"),
            ("licences", pathlib.Path("/usr/share/common-licenses"), "licence", "en"), ("installed-locale", pathlib.Path("/usr/share/locale"), "strings", "*"),
            ("crates", home / ".cargo/registry/src", "code", "en"), ("python", pathlib.Path("/usr/lib/python3.11"), "code", "en"),
            ("python-packages", pathlib.Path("/usr/lib/python3/dist-packages"), "code", "en")] if root.exists()]
    seen, sizes, code = set(), collections.Counter(), 0
    with open(options.out, "w", encoding="utf-8") as out:
        for package, root, kind, language, limit in places:
            # Of a package with a limit files from everywhere in it, the same ones every time.
            order = (lambda path: hashlib.blake2b(str(path.relative_to(root)).encode()).digest()) if limit else None
            taken = 0
            for path in sorted(root.rglob("*"), key=order):
                if limit and taken > limit * 1e6:
                    break
                if path.is_symlink() or not path.is_file() or str(path).endswith(DAMAGED) or path.stat().st_size > 8 * LARGEST:
                    continue
                inner = str(path.relative_to(root))
                if is_catalogue(path, kind):
                    documents = documents_of_catalogue(path, inner, kind, language)
                elif kind != "strings" and (got := text_of(path, kind)):
                    documents = [("", *got, language_of("/" + inner) if language == "*" else language)]
                else:
                    continue
                for part, text, what, which in documents:
                    if not SMALLEST <= len(text) <= LARGEST:
                        continue
                    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
                    size = len(text.encode("utf-8", "ignore"))
                    if digest in seen or what == "code" and code + size > options.limit_code * 1e6:
                        continue
                    seen.add(digest)
                    code += size if what == "code" else 0
                    sizes[which, what] += size
                    taken += size
                    record = {"id": f"{package}/{inner}{part}", "text": text, "url": f"{package}/{inner}", "language": which, "kind": what}
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
    kinds = sorted({kind for _, kind in sizes})
    print("MB       " + "".join(f"{kind:>10}" for kind in kinds) + "     total")
    totals = collections.Counter()
    for (which, _), size in sizes.items():
        totals[which] += size
    few = [which for which, total in totals.items() if total < 200_000]
    for which, total in totals.most_common(len(totals) - len(few)):
        print(f"{which:9}" + "".join(f"{sizes[which, kind] / 1e6:10.2f}" for kind in kinds) + f"{total / 1e6:10.2f}")
    print(f"others, {len(few)} languages: {sum(totals[which] for which in few) / 1e6:.2f}")
    print("total    " + "".join(f"{sum(s for (_, k), s in sizes.items() if k == kind) / 1e6:10.2f}" for kind in kinds) + f"{sum(totals.values()) / 1e6:10.2f}")
    print(f"{len(seen)} documents")


main()
