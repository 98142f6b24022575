function explanation() {
  page.append(
    el("h1", {}, data.id),
    el("p", {}, `${number(data.raw_chars)} characters in, ${number(data.chars)} out`),
    el("p", {}, el("del", {}, "removed"), " ", el("ins", {}, "put in"), " ", el("mark", {}, "marked, not made")),
  );
  if (data.steps.length === 0) page.append(el("p", {}, "Nothing was changed."));
  for (const step of data.steps) {
    page.append(
      el("h2", { id: step.stage }, step.stage + (step.round > 1 ? ` (round ${step.round})` : "")),
      el("p", { class: "dim" }, step.about, " ", `${number(step.chars_before)} → ${number(step.chars_after)} characters`),
    );
    for (const edit of step.edits) {
      const sure = edit.confidence + (edit.certainty === null ? "" : " " + edit.certainty.toFixed(2));
      const where = edit.field === "title" ? "title" : `${edit.line}:${edit.column}`;
      page.append(el("div", { class: "sample" },
        el("div", { class: "where" }, el("span", { class: "tag" }, edit.rule), `${where} · ${sure}${edit.made ? "" : " · marked, not made"} · ${edit.reason}`),
        diff(edit)));
    }
    for (const block of step.left_out) {
      page.append(el("div", { class: "sample" },
        el("div", { class: "where" }, el("span", { class: "tag" }, block.rule), block.reason),
        el("del", {}, visible(block.text))));
    }
  }
  if (data.flags.length) {
    page.append(el("h2", {}, "Flags"), data.flags.map((flag) => el("p", {}, el("mark", {}, flag.flag), " ", el("span", { class: "reason" }, flag.reason))));
  }
  if (data.dropped) page.append(el("h2", {}, "Set aside"), el("p", {}, el("del", {}, data.dropped.flag), " ", data.dropped.reason));
  page.append(
    el("h2", {}, "Metadata"), el("pre", {}, JSON.stringify(data.metadata, null, 2)),
    el("h2", {}, "Signals"), el("pre", {}, JSON.stringify(data.signals, null, 2)),
    el("h2", {}, "Text"), el("pre", {}, data.text),
  );
}
explanation();
