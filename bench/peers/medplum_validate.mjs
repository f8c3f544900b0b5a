// Medplum's validateResource on the entries of Bundles, in the folder of its node_modules: node medplum_validate.mjs DEFINITIONS FILE.json…
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const require = createRequire(pathToFileURL(process.cwd() + '/x.js'));
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const [definitions, ...files] = process.argv.slice(2);
const entries = readdirSync(definitions).filter((name) => name.startsWith('StructureDefinition-'))
  .map((name) => JSON.parse(readFileSync(`${definitions}/${name}`, 'utf8')))
  .filter((one) => one.snapshot && one.derivation !== 'constraint')
  .map((resource) => ({ resource }));
indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry: entries });
const resources = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).entry.map((entry) => entry.resource));
const times = [];
let valid = 0;
for (let round = 0; round < 3; round++) {
  for (const resource of resources) {
    const start = process.hrtime.bigint();
    let good = true;
    try { validateResource(resource); } catch { good = false; }
    const time = Number(process.hrtime.bigint() - start) / 1000;
    if (round === 0) valid += good ? 1 : 0; else times.push(time);
  }
}
times.sort((a, b) => a - b);
const at = (part) => times[Math.floor(part * (times.length - 1))].toFixed(1);
console.log(`Medplum: ${resources.length} resources, ${valid} valid: median ${at(0.5)} µs, p99 ${at(0.99)}`);
