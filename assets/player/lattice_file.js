// A lattice as a file: its SVG as it stands, or as a PNG of twice the size.

/** svg: the drawn element; size: {width, height} in pixels; ground: the colour behind it; kind: "svg" or "png". */
export async function pictureOf(svg, { width, height }, ground, kind) {
  const copy = svg.cloneNode(true);
  for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width, height })) copy.setAttribute(name, value);
  copy.insertAdjacentHTML("afterbegin", `<rect width="${width}" height="${height}" fill="${ground}"/>`);
  const file = new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  return kind === "svg" ? file : painted(file, 2 * width, 2 * height);
}

async function painted(file, width, height) {
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  await picture.decode();
  URL.revokeObjectURL(picture.src);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
