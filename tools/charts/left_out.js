// Stands for packages that only read maps and files: a chart's values lie inside its spec.
function leftOut() {
  throw new Error('This build of Vega reads no maps and no files: see tools/charts/entry.js');
}

export { leftOut as dsvFormat, leftOut as feature, leftOut as geoArea, leftOut as geoBounds, leftOut as geoCentroid, leftOut as mesh };
