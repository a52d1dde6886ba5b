// The kinds of view that a stage can have, by the type that its header names.

/** type -> its class, once `loadViews` has it: a lesson has a few of them, and each is a handful of files. */
export const VIEWS = {};

const LOADS = {
  plot: async () => (await import("./plot.js")).PlotView,
  equations: async () => (await import("./equations.js")).EquationsView,
  notes: async () => (await import("./notes.js")).NotesView,
  program: async () => (await import("./program.js")).ProgramView,
  lattice: async () => (await import("./lattice.js")).LatticeView,
  working: async () => (await import("./working.js")).WorkingView,
  network: async () => (await import("./network.js")).NetworkView,
  tiles: async () => (await import("./tiles.js")).TilesView,
  classbars: async () => (await import("./classbars.js")).ClassBarsView,
  flow: async () => (await import("./flow.js")).FlowView,
  log: async () => (await import("./log.js")).LogView,
};

/** Waits until the classes of these types are there. */
export async function loadViews(types) {
  await Promise.all(types.map(async (type) => (VIEWS[type] ??= await LOADS[type]())));
}
