// /openapi/v2: that there is such a document, and nothing in it, because everything stands in /openapi/v3. Clients ask for it
// when they look for a kind that they find nowhere, and give up without telling which if it is missing altogether.
import { respondText } from './etag.ts'

const info = { title: 'Kubernetes', version: 'sandbox' }
const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** Answers in the protobuf of gnostic's OpenAPI v2 or, to whoever does not ask for that, in JSON. */
export function answerSwagger(request: Request): Response {
  const accept = request.headers.get('accept') ?? ''
  // Clients write the name of the message with an @, or as the server does.
  const binary = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/
  if (binary.test(accept)) return respondText(request, encoded(), protobuf)
  const document = { swagger: '2.0', info, paths: {}, definitions: {} }
  return respondText(request, JSON.stringify(document), 'application/json')
}

// swagger is field 1, info field 2 with title 1 and version 2, paths field 8.
function encoded(): string {
  return field(1, '2.0') + field(2, field(1, info.title) + field(2, info.version)) + field(8, '')
}

// Everything here is so short and plain that each byte is a character.
function field(number: number, content: string): string {
  return String.fromCharCode(number * 8 + 2, content.length) + content
}
