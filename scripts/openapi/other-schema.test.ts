// Rules that our own schema has no case for yet, shown on a small one.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../tools/run-tool.ts'
import { openApiDocument } from './document.ts'
import { readSchema } from './read-schema.ts'

const head = `syntax = "proto3";
package strait.cats.v1;
import "google/api/annotations.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "strait/options/v1/options.proto";
`

/** The document of a schema that has, beside our options and reasons, what is given. */
async function documentOf(declarations: string): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'strait-openapi-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'proto/strait/cats/v1'), { recursive: true })
  for (const path of ['buf.yaml', 'proto/strait/options', 'proto/strait/errors'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'proto/strait/cats/v1/cats.proto'), head + declarations)
  return openApiDocument(await readSchema(folder))
}

const rpc = (name: string, http: string) => `
  // Does ${name}. And
  // then some.
  rpc ${name}(${name}Request) returns (${name}Response) {
    option (google.api.http) = {${http}};
    option (strait.options.v1.access).scope = SCOPE_JOBS_READ;
  }`
const messages = (name: string, request = '', response = '') =>
  `message ${name}Request {\n${request}\n}\nmessage ${name}Response {${response}}\n`
const service = (...rpcs: string[]) => `// All about cats.\nservice CatService {${rpcs.join('\n')}\n}\n`

test('lists, maps, enums and times of a query', async () => {
  const document = await documentOf(
    service(rpc('ListCats', 'get: "/v1/cats"')) +
      messages(
        'ListCats',
        'repeated Mood moods = 1; map<string, string> tags = 2; google.protobuf.Timestamp since = 3; bool old = 4;',
      ) +
      '// How it feels.\nenum Mood {\n  MOOD_UNSPECIFIED = 0;\n  // It purrs.\n  MOOD_VERY_GOOD = 1;\n}\n',
  )
  expect(document).toMatchObject({
    tags: [{ name: 'CatService', description: 'All about cats.' }],
    paths: {
      '/v1/cats': {
        get: {
          summary: 'Does ListCats',
          description: expect.stringMatching(/^And then some\. Needs an API key/),
          parameters: [
            {
              ...{ name: 'moods', in: 'query', style: 'form', explode: true },
              schema: { type: 'array', items: { $ref: '#/components/schemas/Mood' } },
            },
            {
              ...{ name: 'tags', in: 'query', style: 'deepObject', explode: true },
              schema: { type: 'object', additionalProperties: { type: 'string' } },
            },
            { name: 'since', in: 'query', schema: { type: 'string', format: 'date-time' } },
            { name: 'old', in: 'query', schema: { type: 'boolean' } },
          ],
        },
      },
    },
    components: {
      schemas: { Mood: { enum: ['very_good'], description: 'How it feels.\n\n- `very_good`: It purrs.' } },
    },
  })
})

test('a message inside another and one that holds itself', async () => {
  const document = await documentOf(
    service(rpc('MakeCat', 'post: "/v1/cats" body: "*"')) +
      messages(
        'MakeCat',
        '// Held.\nmessage Cat {\n  // Its mother.\n  Cat mother = 1;\n}\n// The cat. Required.\nCat cat = 1;',
      ),
  )
  const cat = { $ref: '#/components/schemas/CatInput' }
  expect(document).toMatchObject({
    paths: { '/v1/cats': { post: { requestBody: { required: true } } } },
    components: {
      schemas: {
        MakeCatRequest: { required: ['cat'], properties: { cat } },
        CatInput: {
          description: 'Held.',
          properties: { mother: { anyOf: [cat, { type: 'null' }], description: 'Its mother.' } },
        },
      },
    },
  })
})

test.each([
  [
    "a further field of a response that has the name of a resource's",
    service(rpc('GetCat', 'get: "/v1/cats/{cat}" response_body: "cat"')) +
      messages('GetCat', 'string cat = 1;', 'Cat cat = 1; string name = 2;') +
      'message Cat { string name = 1; }',
    'name would stand twice',
  ],
  [
    'two schemas of one name',
    service(rpc('GetCat', 'get: "/v1/cats"')) +
      messages('GetCat', '', 'message Cat {} Cat a = 1; Other.Cat b = 2;') +
      'message Other { message Cat {} }',
    'two of the schemas would be called Cat',
  ],
  [
    'one path with two spellings',
    service(rpc('GetCat', 'get: "/v1/cats/{cat}"'), rpc('EndCat', 'delete: "/v1/cats/{id}"')) +
      messages('GetCat', 'string cat = 1;') +
      messages('EndCat', 'string id = 1;'),
    'are both /v1/cats/{}',
  ],
  [
    'a variable that is no field',
    service(rpc('GetCat', 'get: "/v1/cats/{dog}"')) + messages('GetCat', 'string cat = 1;'),
    'has no field for {dog}',
  ],
  [
    'a type without a form in REST',
    service(rpc('GetCat', 'get: "/v1/cats"')) + messages('GetCat', '', 'google.protobuf.Duration age = 1;'),
    'google.protobuf.Duration has no form in REST yet',
  ],
])('refuses %s', async (_, declarations, words) => {
  await expect(documentOf(declarations)).rejects.toThrow(words)
})
