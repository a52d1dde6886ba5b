// Where the arrow keys lead in a network.

/** The next part across (−1, 0, 1) or down; from nothing the first input. */
export function nextItem({ nets, places }, item, across, down) {
  if (!item) return { panel: 0, kind: "node", column: 0, index: 0 };
  if (item.kind !== "node") return amongLinks(nets[item.panel], item, across, down);
  const { panel, column, index } = item;
  const { columns } = places[panel];
  if (down) return { ...item, index: Math.max(0, Math.min(columns[column].length - 1, index + down)) };
  const { y } = columns[column][index];
  if (columns[column + across]) return { ...item, column: column + across, index: nearest(columns[column + across], y) };
  const beside = places[panel + across];
  if (!beside) return item;
  const next = across > 0 ? 0 : beside.columns.length - 1;
  return { panel: panel + across, kind: "node", column: next, index: nearest(beside.columns[next], y) };
}

function nearest(nodes, y) {
  const far = nodes.map((node) => Math.abs(node.y - y));
  return far.indexOf(Math.min(...far));
}

/** Up and down through the links into a unit, and its bias below them; across to either of a link's ends. */
function amongLinks(net, item, across, down) {
  const { panel, kind, column } = item;
  const to = item.to ?? item.index;
  if (across > 0 || (across < 0 && kind === "bias")) return { panel, kind: "node", column, index: to };
  if (across < 0) return { panel, kind: "node", column: column - 1, index: item.from };
  const count = net.columns[column - 1]?.shown ?? 0;
  const most = net.columns[column].biases ? count : count - 1;
  const from = Math.max(0, Math.min(most, (kind === "bias" ? count : item.from) + down));
  return from === count ? { panel, kind: "bias", column, index: to } : { panel, kind: "link", column, to, from };
}
