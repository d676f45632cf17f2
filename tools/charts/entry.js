// What charts.js needs of Vega, and no more: the transforms that Vega-Lite's specs of tables use. Left out are maps,
// forces, trees, word clouds, Voronoi cells, regressions, crossfilters and label placement, half of Vega's own bundle,
// and vega-embed, whose menu, themes and patches no chart here uses.
import { transforms } from 'vega-dataflow';
import * as encode from 'vega-encode';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';
import { parse } from 'vega-parser';
import { Handler } from 'vega-tooltip';
import * as data from 'vega-transforms';
import { View } from 'vega-view';
import * as view from 'vega-view-transforms';

Object.assign(transforms, data, view, encode);

window.vegaCharts = { compile, parse, View, Handler, expressionInterpreter };
