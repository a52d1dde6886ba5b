// How numbers are written, and how they are read from what someone types.

const EXACT = 1e-6; // relative: what differs by less from its rounded value is not told to be rounded; float32 differs by 6e-8

/**
 * Three significant digits with a real minus sign, and a power of ten where zeros would pile up; as dlcore/numerals.py has it.
 * A zero at the end says that the number was rounded: 0.1 is a tenth, 0.100 is a number near it.
 */
export function format(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  const [rounded, power] = [Number(`${mantissa}e${exponent}`), Number(exponent)];
  const exact = Math.abs(rounded - size) <= EXACT * size;
  const written = (text) => (value < 0 ? "\u2212" : "") + (exact ? String(Number(text)) : text);
  if (power >= -3 && power <= 4) return written(rounded.toFixed(Math.max(digits - 1 - power, 0)));
  return `${written(mantissa)}·10<sup>${String(power).replace("-", "\u2212")}</sup>`;
}

/** As one types it: no powers of ten in HTML; "" for what is no number. */
export function typed(value, digits = 4) {
  return Number.isFinite(value) ? String(+value.toPrecision(digits)).replaceAll("-", "\u2212") : "";
}

/** The number that someone typed, with either minus sign and either decimal mark; NaN for anything else. */
export function parse(text) {
  const plain = text.trim().replaceAll("\u2212", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}
