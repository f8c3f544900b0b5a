// Other mapping engines on the cases that maps_bench left in WORK: node maps.mjs DEFINITIONS WORK CASE SECONDS, beside
// their node_modules. Each engine is compiled once, its answer compared with Heyi's, and then timed as there: a warm-up,
// five runs of SECONDS, the median by the clock; CPU is that of the whole process, its collector included.
//
// Medplum runs the same text of the map. JSONata and fumifier (the same expressions with FHIR added) have no FML: they
// get an expression that says the same. fumifier's own FLASH would check what it makes, but needs packages that only
// packages.fhir.org has; it is not timed.
import { readFileSync, readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
const [definitions, work, name, secondsText] = process.argv.slice(2);
const seconds = Number(secondsText);
const read = (ending) => readFileSync(`${work}/${name}.${ending}`, 'utf8');
const map = read('fml'), text = read('in.json');
const [input, want, heyi] = [text, read('want.json'), read('heyi.json')].map((json) => JSON.parse(json));
const items = name.startsWith('list-') ? Number(name.slice(5)) : 0;

const answers = `(
  $of := function($id) { item.item[linkId = $id].answer };
  { "resourceType": "Patient", "active": true,
    "name": [{ "family": $of("family").valueString, "given": [$of("given").valueString] }],
    "gender": $of("sex").valueString, "birthDate": $of("born").valueDate,
    "telecom": [{ "system": "phone", "value": $of("phone").valueString }] }
)`;
const list = `{ "resourceType": "Patient",
  "contact": [item.{ "name": { "text": text }, "telecom": [answer.{ "value": valueString }] }] }`;
const expression = items ? list : answers;

async function medplum() {
  const core = await import('@medplum/core');
  const entry = readdirSync(definitions).filter((file) => file.startsWith('StructureDefinition-'))
    .map((file) => JSON.parse(readFileSync(`${definitions}/${file}`, 'utf8')))
    .filter((one) => one.snapshot && one.derivation !== 'constraint')
    .map((resource) => ({ resource }));
  core.indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry });
  const structureMap = core.parseMappingLanguage(map);
  const patient = () => core.toTypedValue({ resourceType: 'Patient' });
  return (value) => core.structureMapTransform(structureMap, [core.toTypedValue(value), patient()])[0].value;
}

async function jsonata() {
  const compiled = (await import('jsonata')).default(expression);
  return (value) => compiled.evaluate(value);
}

async function fumifier() {
  const compiled = await (await import('fumifier')).default(expression);
  return (value) => compiled.evaluate(value);
}

// What an engine's own arrays carry beside their items is left out.
const plain = (value) => JSON.parse(JSON.stringify(value));
const micros = () => Number(process.hrtime.bigint()) / 1000;
const cpu = () => { const { user, system } = process.cpuUsage(); return user + system; };

async function measure(task) {
  const warming = micros();
  do await task(); while (micros() - warming < Math.max(seconds, 1) * 1e6);
  const clock = [], cpus = [];
  for (let run = 0; run < 5; run++) {
    let calls = 0, passed = 0;
    const before = cpu(), start = micros();
    do { await task(); calls++; passed = micros() - start; } while (passed < seconds * 1e6);
    clock.push(passed / calls);
    cpus.push((cpu() - before) / calls);
  }
  for (const list of [clock, cpus]) list.sort((a, b) => a - b);
  return { median: clock[2], best: clock[0], cpu: cpus[2] };
}

const column = (value, digits = 2) => value.toFixed(digits).padStart(9);

function print(what, time, ours) {
  const rate = `${column(time.median)} µs ${column(1e6 / time.median, 0)}/s`;
  const figures = [rate, `best ${column(time.best)}`, `CPU ${column(time.cpu)}`];
  const times = `${(time.median / ours.clock).toFixed(1)} times Heyi's (CPU ${(time.cpu / ours.cpu).toFixed(1)})`;
  console.log(`  ${what.padEnd(34)} ${[...figures, times].join('   ')}`);
}

for (const [engine, make] of Object.entries({ Medplum: medplum, JSONata: jsonata, fumifier })) {
  try {
    const run = await make();
    const got = plain(await run(plain(input)));
    if (!isDeepStrictEqual(got, want)) {
      console.log(`  ${engine}: another answer, not timed: ${JSON.stringify(got).slice(0, 300)}`);
      continue;
    }
    // Without a promise where the engine has none.
    const first = run(input);
    const later = first instanceof Promise;
    await first;
    const values = await measure(later ? async () => { await run(input); } : () => { run(input); });
    const whole = () => JSON.stringify(run(JSON.parse(text)));
    const texts = await measure(later ? async () => JSON.stringify(await run(JSON.parse(text))) : whole);
    print(`${engine}: value -> value`, values, heyi.values);
    print(`${engine}: JSON text -> JSON text`, texts, heyi.texts);
    if (items) {
      const clock = column(values.median / items, 3), spent = (values.cpu / items).toFixed(3);
      console.log(`  ${`${engine}: an item of value -> value`.padEnd(34)} ${clock} µs by the clock, ${spent} of CPU`);
    }
  } catch (error) {
    console.log(`  ${engine}: cannot run it, not timed: ${error.message ?? error}`);
  }
}
