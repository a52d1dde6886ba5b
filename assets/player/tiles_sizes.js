// How large the numbers of a map are.

/** The `percent`-th percentile of |value|, between two of them where it falls there; NaN is left out; 0 of nothing. */
export function percentileOf(values, percent) {
  const sizes = new Float32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size < Infinity) sizes[count++] = size;
  }
  if (!count) return 0;
  const place = (percent / 100) * (count - 1);
  const low = Math.floor(place);
  const at = selected(sizes.subarray(0, count), low);
  if (low === place) return at;
  let next = Infinity;
  for (let i = low + 1; i < count; i++) if (sizes[i] < next) next = sizes[i];
  return at + (place - low) * (next - at);
}

/** Hoare's selection: what would be the k-th if they were sorted; those behind it are no smaller. */
function selected(sizes, k) {
  let [low, high] = [0, sizes.length - 1];
  while (low < high) {
    const pivot = sizes[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (sizes[i] < pivot) i++;
      while (sizes[j] > pivot) j--;
      if (i > j) break;
      const kept = sizes[i];
      sizes[i++] = sizes[j];
      sizes[j--] = kept;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return sizes[k];
}

/** The place of the largest |value|; −1 where all is nothing. */
export function strongestOf(values) {
  let [best, largest] = [-1, 0];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > largest && size < Infinity) [best, largest] = [i, size];
  }
  return best;
}
