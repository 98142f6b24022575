"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const page = document.getElementById("page");
page.replaceChildren();

/** An element; children are elements or text, never markup. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

const number = (n) => Number(n).toLocaleString("en");
const percent = (part, whole) => (whole > 0 ? (100 * part / whole).toFixed(part > 0 && part / whole < 0.01 ? 2 : 1) + " %" : "–");

/** A size in bytes, in words. */
function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit += 1; }
  return (unit === 0 ? n : n.toFixed(1)) + " " + units[unit];
}

/** Text with what cannot be seen named. */
function visible(text) {
  const parts = [];
  const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]/g;
  let at = 0;
  for (const match of text.matchAll(unseen)) {
    const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    parts.push(text.slice(at, match.index), el("span", { class: "unseen" }, match[0] === "\t" ? "→\t" : "U+" + code));
    at = match.index + 1;
  }
  parts.push(text.slice(at));
  return parts.map((part) => (typeof part === "string" ? part.replaceAll("\n", "⏎\n") : part));
}

/** One edit in its context: red what went, green what came, yellow what is only marked. */
function diff(edit) {
  const parts = [el("span", { class: "context" }, visible(edit.left))];
  if (edit.before) parts.push(el(edit.made ? "del" : "mark", {}, visible(edit.before)));
  if (edit.after) parts.push(" ", el(edit.made ? "ins" : "mark", {}, visible(edit.after)));
  parts.push(el("span", { class: "context" }, visible(edit.right)));
  return el("div", {}, parts);
}
