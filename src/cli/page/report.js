/** A heading with what belongs to it. */
function section(title, note, ...children) {
  page.append(el("section", {}, el("h2", {}, title), note ? el("p", { class: "dim" }, note) : null, ...children));
}

const card = (value, name) => el("div", { class: "card" }, el("b", {}, value), name);

function totals() {
  const setAside = Object.values(data.set_aside).reduce((a, b) => a + b, 0);
  page.append(
    el("h1", {}, data.title ?? "Report of clean"),
    el("p", { class: "dim" }, `clean ${data.version ?? ""}, settings ${data.config?.hash ?? "unknown"}`),
    el("div", { class: "cards" },
      card(number(data.documents), "documents written"),
      card(`${number(data.edited)} (${percent(data.edited, data.documents)})`, "of them changed"),
      card(number(setAside), "inputs set aside"),
      card(bytes(data.raw_bytes), "of raw documents"),
      card(number(data.chars_before), "characters decoded"),
      card(`${number(data.chars_after)} (${percent(data.chars_after, data.chars_before)})`, "characters written")),
  );
}

/** What each stage takes off the text, and what is left. */
function flow() {
  const whole = Math.max(data.chars_before, 1);
  let left = data.chars_before;
  const line = (name, bars, text, title) => el("div", { class: "row", title }, el("span", {}, name), el("span", { class: "track" }, bars), el("span", {}, text));
  const bar = (share, kind) => el("i", { class: kind, style: `width:${Math.max(0, 100 * share / whole)}%` });
  const rows = [line("decoded", [bar(left)], number(left), "characters as decoded")];
  for (const [name, stage] of Object.entries(data.stages)) {
    const net = stage.net ?? stage.added - stage.removed;
    if (net === 0 && stage.edits === 0) continue;
    const before = left;
    left += net;
    const bars = net < 0 ? [bar(left), bar(-net, "gone")] : [bar(before), bar(net, "come")];
    rows.push(line(name, bars, (net > 0 ? "+" : "") + number(net), `${number(before)} → ${number(left)} characters; ${number(stage.edits)} edits in ${number(stage.documents)} documents`));
  }
  rows.push(line("written", [bar(data.chars_after)], number(data.chars_after), "characters as written"));
  section("Characters through the stages", "Red is what a stage took off, markup included; green is what it added.", rows);
}

const rules = Object.entries(data.stages).flatMap(([stage, counts]) =>
  Object.entries(counts.rules).map(([rule, of]) => ({ name: `${stage}:${rule}`, ...of })));

function ruleTable() {
  const columns = [["name", "rule"], ["documents", "documents"], ["edits", "edits"], ["marked", "marked only"], ["removed", "characters removed"], ["added", "characters added"]];
  const body = el("tbody");
  let sorted = null;
  const fill = (key) => {
    const order = [...rules];
    if (key === "name") order.sort((a, b) => a.name.localeCompare(b.name));
    else if (key) order.sort((a, b) => b[key] - a[key]);
    if (key && sorted === key) order.reverse();
    sorted = sorted === key ? null : key;
    body.replaceChildren(...order.map((rule) => el("tr", {}, columns.map(([key]) =>
      el("td", {}, key === "name" ? el("a", { href: "#" + anchor(rule.name), style: "color:inherit" }, rule.name) : number(rule[key]))))));
  };
  fill(null);
  const head = el("tr", {}, columns.map(([key, title]) => el("th", {}, el("button", { onclick: () => fill(key) }, title))));
  section("Rules", "In the order of the chain; a heading sorts by its column. A rule leads to its examples.",
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), body)));
}

/** Counts by name as bars, the largest first. */
function bars(title, counts, whole) {
  const order = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  if (order.length === 0) return null;
  const most = order[0][1];
  const line = ([name, count]) => el("div", { class: "row", title: `${name}: ${number(count)}` },
    el("span", {}, name),
    el("span", { class: "track" }, el("i", { style: `width:${100 * count / most}%` })),
    el("span", {}, `${number(count)}${whole ? " · " + percent(count, whole) : ""}`));
  const rest = order.slice(12);
  return el("div", {}, el("h3", {}, title), order.slice(0, 12).map(line),
    rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`), rest.map(line)) : null);
}

function kinds() {
  const lists = [
    bars("Languages", data.languages, data.documents), bars("Encodings", data.encodings, data.documents),
    bars("Set aside, by reason", data.set_aside), bars("Skipped records of archives", data.skipped),
    bars("Flags", data.flags, data.documents),
  ];
  section("What was found", null, el("div", { class: "grid" }, lists));
}

const short = (n) => (Math.abs(n) >= 1000 ? Number(n.toPrecision(3)).toLocaleString("en") : String(Number(n.toPrecision(3))));

/** Neighbouring steps put together until there are at most `most` columns. */
function columns(steps, most) {
  const size = Math.ceil(steps.length / most);
  const out = [];
  for (let at = 0; at < steps.length; at += size) {
    const part = steps.slice(at, at + size);
    out.push([part[0][0], part[part.length - 1][1], part.reduce((sum, step) => sum + step[2], 0)]);
  }
  return out;
}

/** All steps between the first and the last, those without a document too. */
function dense(steps) {
  if (steps.length < 2) return steps;
  const out = [];
  for (const step of steps) {
    const last = out[out.length - 1];
    if (last && step[0] - last[1] > 1e-9) {
      // A gap: equal steps of a fiftieth up to 1, a fourth of a doubling above.
      let from = last[1];
      while (step[0] - from > 1e-9) {
        const to = from < 1 - 1e-9 ? Math.min(from + 0.02, step[0]) : Math.min(from * 2 ** 0.25, step[0]);
        out.push([from, to, 0]);
        from = to;
      }
    }
    out.push(step);
  }
  return out;
}

/** A histogram with a threshold to move. */
function histogram(name, steps) {
  if (!steps || steps.length === 0) return null;
  const shown = columns(dense(steps), 60);
  const whole = shown.reduce((sum, step) => sum + step[2], 0);
  const most = Math.max(...shown.map((step) => step[2]));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${shown.length} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `histogram of ${name}`);
  const rects = shown.map(([from, to, count], at) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    // Square roots, so that what is rare can be seen beside what is common.
    const height = 100 * Math.sqrt(count / most);
    for (const [key, value] of Object.entries({ x: at + 0.05, y: 100 - height, width: 0.9, height })) rect.setAttribute(key, value);
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `${from === to ? from : `${short(from)} – ${short(to)}`}: ${number(count)} documents`;
    rect.append(title);
    svg.append(rect);
    return rect;
  });
  const says = el("p", { class: "dim" });
  const slider = el("input", { type: "range", min: 0, max: shown.length, value: 0, "aria-label": `threshold of ${name}` });
  const move = () => {
    const at = Number(slider.value);
    const below = shown.slice(0, at).reduce((sum, step) => sum + step[2], 0);
    rects.forEach((rect, number) => rect.classList.toggle("off", number < at));
    says.textContent = at === 0 ? `${number(whole)} documents` :
      `up to ${short(shown[at - 1][1])}: ${percent(below, whole)}; above: ${percent(whole - below, whole)} (${number(whole - below)})`;
  };
  slider.addEventListener("input", move);
  move();
  return el("div", {}, el("h3", {}, name), svg,
    el("div", { class: "axis" }, el("span", {}, short(shown[0][0])), el("span", {}, short(shown[shown.length - 1][1]))), slider, says);
}

function distributions() {
  const signals = { ...(data.signals ?? {}) };
  const removed = signals.removed_share;
  delete signals.removed_share;
  section("Lengths and shares", "Documents by length and by share removed, markup included. Heights are square roots of counts. Move a slider to see what a threshold would cut off.",
    el("div", { class: "grid" }, histogram("characters, as decoded", data.lengths?.before), histogram("characters, as written", data.lengths?.after), histogram("share removed", removed)));
  section("Signals", "Numbers for thresholds of your own: each is in the record of its document.",
    el("div", { class: "grid" }, Object.entries(signals).map(([name, steps]) => histogram(name, steps))));
}

const anchor = (name) => "rule-" + name.replaceAll(/[^a-z0-9]/gi, "-");

function samples() {
  let of = data.samples?.rules ?? {};
  if (Object.keys(of).length === 0 && data.audit) {
    of = Object.fromEntries(Object.entries(data.audit.rules).map(([name, rule]) => [name, rule.samples]));
  }
  const about = data.about ?? {};
  const search = el("input", { type: "search", placeholder: "Search rules, documents and text", "aria-label": "search the examples" });
  const found = el("p", { class: "dim" });
  const order = rules.map((rule) => rule.name).filter((name) => of[name]);
  const blocks = order.map((name) => {
    const list = of[name].map((sample) => {
      const text = [name, sample.id, sample.left + sample.before + sample.right, sample.left + sample.after + sample.right].join("\n").toLowerCase();
      const node = el("div", { class: "sample" }, el("div", { class: "where" }, `${sample.id}${sample.made ? "" : " · marked, not made"}`), diff(sample));
      return { text, node };
    });
    const count = el("span", { class: "dim" });
    const node = el("details", { id: anchor(name) }, el("summary", {}, el("b", {}, name), " ", count, " ", el("span", { class: "reason" }, about[name] ?? "")), list.map((sample) => sample.node));
    return { node, list, count };
  });
  const apply = () => {
    const wanted = search.value.trim().toLowerCase();
    let total = 0;
    for (const block of blocks) {
      let hits = 0;
      for (const { text, node } of block.list) {
        node.hidden = wanted !== "" && !text.includes(wanted);
        hits += node.hidden ? 0 : 1;
      }
      block.node.hidden = hits === 0;
      if (wanted !== "") block.node.open = hits > 0;
      block.count.textContent = `${hits}`;
      total += hits;
    }
    found.textContent = `${number(total)} examples of ${number(blocks.filter((block) => !block.node.hidden).length)} rules`;
  };
  search.addEventListener("input", apply);
  apply();
  const open = () => {
    const block = document.getElementById(location.hash.slice(1));
    if (block && block.tagName === "DETAILS") { block.open = true; block.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  section("Examples", "Up to ten edits of each rule, chosen by a hash of document and place. Yellow is marked, not made.", search, found, blocks.map((block) => block.node));
  open();
}

totals();
flow();
kinds();
distributions();
ruleTable();
samples();
if (data.config) section("Settings", "All that decided what was written.", el("pre", {}, JSON.stringify(data.config.settings, null, 2)));
