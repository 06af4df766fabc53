// What the answer to a dry run means: is the object refused, and why, or could the API server not judge it?
import type { ApiError, ErrorCode } from '../model/errors.ts'
import type { ObjectRef } from '../model/key.ts'
import { describeWrongType } from './conflicts.ts'
import { explainDenials } from './forbidden.ts'
import { short } from './phrases.ts'

export type Judgement =
  // Helm would be refused as well. code: absent where it is no more than a failed install or upgrade.
  | { kind: 'refused'; code?: ErrorCode; why: string }
  // Nothing is known of it before helm writes it.
  | { kind: 'unknown'; why: string }
  | { kind: 'accepted' }
  // The API server has not answered.
  | { kind: 'unanswered' }

export type Judged = {
  // Was there an object already, so that this one would change it?
  isThere: boolean
  // Does the release itself bring an object that is called like this, kind or resource first?
  brings: (what: string, name: string) => boolean
} & Pick<ObjectRef, 'apiVersion'>

type Rule = {
  pattern: RegExp
  judge: (found: RegExpExecArray, judged: Judged & { text: string }) => Judgement | undefined
}

const correct = 'correct the values, or the chart'
const refused = (code: ErrorCode | undefined, why: string): Judgement =>
  code === undefined ? { kind: 'refused', why } : { kind: 'refused', code, why }

// Of several faults in brackets, the one that is about a change.
const nextFault = String.raw`, [a-z][\w.[\]]*: (?:Invalid|Required|Forbidden|Unsupported|Duplicate|Too)`
const unchangeable = new RegExp(
  String.raw`is invalid: (?:\[|[\s\S]*?, )?([a-z][\w.[\]-]*): ` +
    `(?:Invalid value: (?:(?!${nextFault})[^])*: field is immutable|` +
    String.raw`Forbidden: (?:updates to \w+ spec|\w+ is immutable))`,
)
// An answer may quote whole objects; what matters is said at its two ends.
const longestEnd = 10_000

const rules: readonly Rule[] = [
  {
    pattern: /admission webhook "([^"]+)" does not support dry run/,
    judge: ([, webhook]) => ({
      kind: 'unknown',
      why: `admission webhook "${webhook}" takes no dry runs`,
    }),
  },
  {
    // Created a moment later, helm's write of this object finds it.
    pattern: /\b([\w.]+) "([^"]+)" not found|no (PriorityClass) with name (\S+) was found/,
    judge: ([, what, name, what2, name2], { brings }) =>
      brings(what ?? what2 ?? '', name ?? name2 ?? '')
        ? { kind: 'unknown', why: `it needs ${what ?? what2} "${name ?? name2}" of this release` }
        : undefined,
  },
  {
    pattern: /is forbidden: User "[^"]+" cannot/,
    judge: (_, { text }) => refused('Forbidden', short(explainDenials(text) ?? text)),
  },
  {
    pattern: /^namespaces "([^"]+)" not found/,
    judge: ([, namespace]) =>
      refused(
        'TargetNamespaceNotFound',
        `namespace "${namespace}" does not exist; create it, since the operator creates no namespaces`,
      ),
  },
  {
    pattern: /unable to create new content in namespace (\S+) because it is being terminated/,
    judge: ([, namespace]) =>
      refused(
        'TargetNamespaceNotFound',
        `namespace "${namespace}" is being deleted; wait until it has gone and create it again`,
      ),
  },
  {
    pattern: /admission webhook "([^"]+)" denied the request: ([\s\S]*)/,
    judge: ([, webhook, why]) =>
      refused(undefined, `admission webhook "${webhook}" refuses it: ${short(why)}`),
  },
  {
    pattern: /failed calling webhook "([^"]+)": ([\s\S]*)/,
    judge: ([, webhook, why]) =>
      refused(
        undefined,
        `admission webhook "${webhook}" does not answer: ${short(why)}; mend or remove it`,
      ),
  },
  {
    // The text around it may hold the whole object.
    pattern: /json: cannot unmarshal \w+ into Go/,
    judge: ([whole], { text }) =>
      refused('ObjectRefused', `${describeWrongType(text.slice(text.indexOf(whole)))}; ${correct}`),
  },
  {
    pattern: /failed to create typed patch object \([^)]*\): ([\s\S]*)/,
    judge: ([, why]) => refused('ObjectRefused', `${short(why)}; ${correct}`),
  },
  {
    pattern: unchangeable,
    judge: ([, field]) =>
      refused(
        'ObjectInvalid',
        `it exists and its field ${field} cannot be changed; delete the object, or undo the change`,
      ),
  },
  {
    pattern: /is invalid: ([\s\S]*)/,
    judge: ([, why], judged) => refused(codeOfInvalid(judged), `${short(why)}; ${correct}`),
  },
  {
    pattern: /is forbidden: ([\s\S]*)/,
    judge: ([, why]) => refused(undefined, short(why)),
  },
]

/** What an ApiError that answered a dry run says of the object. */
export function judgeAnswer({ status, answer, message }: ApiError, judged: Judged): Judgement {
  // Somebody else was quicker; helm reads it again.
  if (status === 409) return { kind: 'accepted' }
  if ([0, 401, 429, 503, 504].includes(status)) return { kind: 'unanswered' }
  const text = withoutMiddle(answer || message)
  for (const { pattern, judge } of rules) {
    const found = pattern.exec(text)
    const judgement = found && judge(found, { ...judged, text })
    if (judgement) return judgement
  }
  // What was there has been deleted meanwhile.
  if (status === 404) return { kind: 'accepted' }
  if (status >= 500) return refused(undefined, short(text))
  return refused('ObjectRefused', `${short(text)}; ${correct}`)
}

function withoutMiddle(text: string): string {
  return text.length <= 2 * longestEnd
    ? text
    : `${text.slice(0, longestEnd)}…${text.slice(-longestEnd)}`
}

// An object that exists may be deleted, a port given back, and a custom kind defined anew; what Kubernetes itself makes of a new
// object stays the same.
function codeOfInvalid({ isThere, apiVersion, text }: Judged & { text: string }): ErrorCode {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['']
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io')
  const isTaken = /already allocated|not available|in use/.test(text)
  return isBuiltIn && !isThere && !isTaken ? 'ObjectRefused' : 'ObjectInvalid'
}
