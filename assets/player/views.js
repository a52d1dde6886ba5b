// The kinds of view that a stage can have, by the type that its header names.

import { ClassBarsView } from "./classbars.js";
import { EquationsView } from "./equations.js";
import { FlowView } from "./flow.js";
import { LatticeView } from "./lattice.js";
import { LogView } from "./log.js";
import { NetworkView } from "./network.js";
import { NotesView } from "./notes.js";
import { PlotView } from "./plot.js";
import { ProgramView } from "./program.js";
import { TilesView } from "./tiles.js";
import { WorkingView } from "./working.js";

export { format } from "./numbers.js";
export const VIEWS = {
  plot: PlotView, equations: EquationsView, notes: NotesView, program: ProgramView, lattice: LatticeView, working: WorkingView,
  network: NetworkView, tiles: TilesView, classbars: ClassBarsView, flow: FlowView, log: LogView,
};
