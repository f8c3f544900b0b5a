// Independent FHIR clients against a running Heyi: create, read, update, search, paging, delete, each in the client's own way.
// usage: node drive.mjs BASE-URL TOKEN     prints a line a step and ends with "N passed, N failed"
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { MedplumClient } from '@medplum/core';
import { Client as FhirKitClient } from 'fhir-kit-client';

const require = createRequire(import.meta.url);
const FHIR = require('fhirclient');

const [base, token] = process.argv.slice(2);
let passed = 0;
let failed = 0;

async function step(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}: ${error?.message ?? error}`);
  }
}

const elder = (client, n) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:clients', value: `${client}-${n}` }],
  name: [{ text: `示例${n}`, family: client }],
  birthDate: `19${30 + n}-01-02`,
});

// Every page of a search, by the links that the server gives.
async function pages(first, next) {
  const ids = [];
  let count = 0;
  for (let page = first; page; page = await next(page)) {
    ids.push(...(page.entry ?? []).map((entry) => entry.resource.id));
    count += 1;
  }
  return { ids, count };
}

const linkOf = (bundle) => bundle.link?.find((link) => link.relation === 'next')?.url;

{
  const client = new FhirKitClient({ baseUrl: base, bearerToken: token });
  const made = [];
  await step('fhir-kit-client: capabilities', async () => {
    const statement = await client.capabilityStatement();
    assert.equal(statement.fhirVersion, '4.0.1');
  });
  await step('fhir-kit-client: create', async () => {
    for (let n = 0; n < 7; n += 1) made.push(await client.create({ resourceType: 'Patient', body: elder('kit', n) }));
    assert.ok(made.every((patient) => patient.id && patient.meta.versionId === '1'));
  });
  await step('fhir-kit-client: read, update, vread, history', async () => {
    const { id } = made[0];
    const read = await client.read({ resourceType: 'Patient', id });
    const updated = await client.update({ resourceType: 'Patient', id, body: { ...read, gender: 'female' } });
    assert.equal(updated.meta.versionId, '2');
    const old = await client.vread({ resourceType: 'Patient', id, version: '1' });
    assert.equal(old.gender, undefined);
    const history = await client.resourceHistory({ resourceType: 'Patient', id });
    assert.equal(history.entry.length, 2);
    const ofType = await client.typeHistory({ resourceType: 'Patient' });
    assert.ok(ofType.entry.length >= 8);
  });
  await step('fhir-kit-client: search and paging', async () => {
    const first = await client.search({ resourceType: 'Patient', searchParams: { family: 'kit', _count: '3' } });
    const all = await pages(first, (bundle) => (linkOf(bundle) ? client.nextPage({ bundle }) : undefined));
    assert.equal(all.count, 3);
    assert.deepEqual(all.ids.sort(), made.map((patient) => patient.id).sort());
  });
  await step('fhir-kit-client: search by POST, compartment', async () => {
    const found = await client.resourceSearch({ resourceType: 'Patient', searchParams: { identifier: 'urn:clients|kit-3' }, options: { postSearch: true } });
    assert.equal(found.entry.length, 1);
    await client.create({ resourceType: 'Observation', body: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${made[3].id}` } } });
    const compartment = await client.compartmentSearch({ resourceType: 'Observation', compartment: { resourceType: 'Patient', id: made[3].id } });
    assert.equal(compartment.entry.length, 1);
  });
  await step('fhir-kit-client: transaction, delete', async () => {
    const answer = await client.transaction({
      body: { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: elder('kit-tx', 1), request: { method: 'POST', url: 'Patient' } }] },
    });
    assert.equal(answer.entry[0].response.status.slice(0, 3), '201');
    await client.delete({ resourceType: 'Patient', id: made[1].id });
    await assert.rejects(client.read({ resourceType: 'Patient', id: made[1].id }), (error) => error.response.status === 410);
  });
}

{
  // In Node the library hangs on a web server's request; a client that has its token needs nothing of it.
  const client = FHIR({ headers: {}, url: '/' }, {}).client({ serverUrl: base, tokenResponse: { access_token: token } });
  let made;
  await step('fhirclient: create, update, delete', async () => {
    made = await client.create(elder('smart', 1));
    assert.ok(made.id);
    const updated = await client.update({ ...made, active: true });
    assert.equal(updated.meta.versionId, '2');
    const gone = await client.create(elder('smart', 2));
    await client.delete(`Patient/${gone.id}`);
  });
  await step('fhirclient: request with references resolved', async () => {
    const observation = await client.create({ resourceType: 'Observation', status: 'final', code: { text: 'y' }, subject: { reference: `Patient/${made.id}` } });
    const resolved = await client.request(`Observation/${observation.id}`, { resolveReferences: ['subject'] });
    assert.equal(resolved.subject.id, made.id);
  });
  await step('fhirclient: all pages, flat', async () => {
    for (let n = 10; n < 15; n += 1) await client.create(elder('smartpage', n));
    const all = await client.request('Patient?family=smartpage&_count=2', { pageLimit: 0, flat: true });
    assert.equal(all.length, 5);
  });
}

{
  const client = new MedplumClient({ baseUrl: base.replace(/fhir$/, ''), fhirUrlPath: 'fhir', fetch });
  client.setAccessToken(token);
  let made;
  await step('@medplum/core: create, read, update', async () => {
    made = await client.createResource(elder('plum', 1));
    const read = await client.readResource('Patient', made.id);
    assert.equal(read.name[0].family, 'plum');
    const updated = await client.updateResource({ ...read, gender: 'male' });
    assert.equal(updated.meta.versionId, '2');
  });
  await step('@medplum/core: create if none exists', async () => {
    const again = await client.createResourceIfNoneExist(elder('plum', 1), 'identifier=urn:clients|plum-1');
    assert.equal(again.id, made.id);
  });
  await step('@medplum/core: upsert by criteria', async () => {
    const upserted = await client.upsertResource({ ...elder('plum', 1), active: true }, { identifier: 'urn:clients|plum-1' });
    assert.equal(upserted.id, made.id);
  });
  await step('@medplum/core: search, paging, history', async () => {
    for (let n = 20; n < 25; n += 1) await client.createResource(elder('plumpage', n));
    const ids = [];
    for await (const page of client.searchResourcePages('Patient', 'family=plumpage&_count=2')) ids.push(...page.map((patient) => patient.id));
    assert.equal(new Set(ids).size, 5);
    const history = await client.readHistory('Patient', made.id);
    assert.ok(history.entry.length >= 2);
  });
  await step('@medplum/core: batch and delete', async () => {
    const answer = await client.executeBatch({ resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: `Patient/${made.id}` } }] });
    assert.equal(answer.entry[0].resource.id, made.id);
    await client.deleteResource('Patient', made.id);
    await assert.rejects(client.readResource('Patient', made.id));
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
