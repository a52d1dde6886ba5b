// How the parts of a network are called, and what is told of them at a frame.

import { format } from "./numbers.js";

const RAISED = { "\u2212": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A number as plain text, where no HTML can stand. */
export function told(value, digits = 2) {
  return format(value, digits).replace(/<sup>(.*)<\/sup>/, (_, power) => [...power].map((sign) => RAISED[sign]).join(""));
}

export function nameOf(net, column, index) {
  if (column === 0) return `input ${net.panel.inputs[index]}`;
  if (column < net.last) return `layer ${column}, unit ${index + 1}`;
  return net.isBinary ? "output" : `output ${net.panel.class_names[index]}`;
}

/** What the large map shows: the output, or the unit that is looked at. */
export function captionOf(net, node, k) {
  if (node) return `${nameOf(net, node.column, node.index)}: ${net.isKept(node.column, node.index, k) ? holdsOf(net, node.column) : "dropped"}`;
  if (net.pictures) return "answers";
  return net.isBinary ? `chance of ${net.panel.class_names[1]}` : "most likely class";
}

const holdsOf = (net, column) => (column === net.last ? "chance" : net.columns[column].holds);

/** What a field for a number is called. */
export function quantityOf(net, { kind, column, to, from, index }) {
  return kind === "bias" ? `bias of ${nameOf(net, column, index)}` : `weight from ${nameOf(net, column - 1, from)} to ${nameOf(net, column, to)}`;
}

/** The number of a link or a bias. */
export function valueOf(net, { kind, column, to, from, index }, k) {
  return kind === "bias" ? net.bias(column, index, k) : net.weight(column, to, from, k);
}

/** A sentence for those who do not see the picture. */
export function spoken(net, item, k) {
  if (item.kind !== "node") return `${quantityOf(net, item)}: ${told(valueOf(net, item, k), 3)}`;
  const { column, index } = item;
  const bias = net.bias(column, index, k);
  const links = column > 0 && net.columns[column].weights ? `, links in: ${net.columns[column - 1].shown}` : "";
  return `${nameOf(net, column, index)}${net.isKept(column, index, k) ? "" : ", dropped"}`
    + `${Number.isNaN(bias) ? "" : `, bias ${told(bias, 3)}`}${links}`;
}

/** The name under which a changed number is sent. */
export function editName({ panel }, { kind, column, to, from, index }) {
  return kind === "bias" ? `${panel.key}b${column}.${index}` : `${panel.key}w${column}.${to}.${from}`;
}
