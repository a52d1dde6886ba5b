// Which frame a new stage opens at: a scene starts over, what was just made is gone to, otherwise the reader stays.

export function position(player, before, header) {
  if (!before) return header.step ?? 0;
  if (player.playNext || header.restart !== before.restart) {
    player.transport.pause();
    return 0;
  }
  const last = header.frames - 1;
  const follows = header.follow !== before.follow || player.transport.k === before.frames - 1;
  return follows ? last : Math.min(player.transport.k, last);
}
