// Which map of a network is drawn where.

import { paintGallery } from "./network_gallery.js";
import { stripOf } from "./network_key.js";
import { drawClasses, drawMap, drawScale } from "./network_maps.js";
import { rowOf } from "./network_model.js";

const PALE = 0.16; // of a unit that is dropped

/** All maps of a network at frame k; `large`: the node whose map stands where the surface is, or null. */
export function paintNet(pen, net, place, tables, k, large) {
  const isThere = net.isThere(k);
  place.columns.forEach((nodes, column) => nodes.forEach((node, index) => {
    if (node.isSurface || (column > 0 && !isThere)) return;
    pen.globalAlpha = net.isKept(column, index, k) ? 1 : PALE;
    paintNode(pen, net, tables, column, index, k, [node.x - node.size / 2, node.y - node.size / 2, node.size]);
  }));
  pen.globalAlpha = 1;
  if (isThere) paintLarge(pen, net, place, tables, k, large);
}

function paintNode(pen, net, tables, column, index, k, square) {
  const map = net.map(column, index, k);
  if (map) drawMap(pen, map.bytes, map.size, tableOf(net, tables, column, index), square, !net.pictures);
}

/** Outputs have the hues of their classes, pictures are ink. */
function tableOf(net, tables, column, index) {
  if (column === 0 && net.pictures) return tables.ink;
  if (column !== net.last || !net.surface) return tables.units;
  return net.isBinary ? tables.chance : tables.classes[index % tables.classes.length];
}

function paintLarge(pen, net, place, tables, k, large) {
  const { x, y, size } = place.surface;
  const strip = stripOf(net, place, large, k);
  if (strip) drawScale(pen, large ? tableOf(net, tables, large.column, large.index) : tables.chance, ...strip);
  if (large) return paintNode(pen, net, tables, large.column, large.index, k, [x, y, size]);
  if (net.pictures) return paintGallery(pen, net, place, tables.ink);
  if (!net.surface) return;
  if (net.isBinary) return paintNode(pen, net, tables, net.last, 0, k, [x, y, size]);
  const [, outputs, side] = net.surface.shape;
  drawClasses(pen, rowOf(net.surface, k), outputs, side, tables.classes, [x, y, size]);
}
