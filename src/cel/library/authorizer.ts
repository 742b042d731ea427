// The authorizer: what a user may do. Upstream: k8s.io/apiserver/pkg/cel/library/authz.go.
import { nameForms } from '../../k8s/names.ts';
import type {
  Authorizer,
  AuthorizerAnswer,
  AuthorizerQuestion,
  ResourceAccess,
  UserInfo,
} from '../authorizer.ts';
import { library } from '../function.ts';
import { CelError, Opaque, Unknown, type Value } from '../value.ts';
import { authorization, one, selector } from './cost.ts';

/** Whose access, and who answers. */
type Asking = { readonly user: UserInfo; readonly authorizer: Authorizer };
type Path = Asking & { readonly path: string };
type Group = Asking & { readonly group: string };
type Resource = Asking & { readonly access: ResourceAccess };
type Of<T> = Opaque<T>;

// As in-tree: none of these can be compared, not even with itself.
const made = <T>(type: string, value: T): Of<T> =>
  new Opaque(`kubernetes.authorization.${type}`, value, () => new CelError('no such overload'));
const ofResource = (resource: Resource): Of<Resource> => made('ResourceCheck', resource);

/** The value of the name `authorizer`. */
export function authorizerValue(authorizer: Authorizer): Value {
  return made('Authorizer', { user: authorizer.user, authorizer });
}

/** The value of `authorizer.requestResource`. */
export function requestResourceValue(authorizer: Authorizer): Value {
  const { user, requestResource: access } = authorizer;
  return ofResource({ user, authorizer, access });
}

function path({ value }: Of<Asking>, text: string): Value {
  return text.trim() === ''
    ? new CelError('path must not be empty')
    : made('PathCheck', { ...value, path: text });
}

function serviceAccount({ value }: Of<Asking>, namespace: string, name: string): Value {
  if (!nameForms['dns-subdomain'].holds(name)) return new CelError('Invalid service account name');
  if (!nameForms['dns-label'].holds(namespace))
    return new CelError('Invalid service account namespace');
  const user: UserInfo = {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid: '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {},
  };
  return made('Authorizer', { ...value, user });
}

function resource({ value: { user, authorizer, group } }: Of<Group>, text: string): Value {
  if (text.trim() === '') return new CelError('resource must not be empty');
  const access: ResourceAccess = {
    group,
    resource: text,
    subresource: '',
    namespace: '',
    name: '',
    fieldSelector: '',
    labelSelector: '',
  };
  return ofResource({ user, authorizer, access });
}

const narrowed =
  (field: keyof ResourceAccess) =>
  ({ value }: Of<Resource>, text: string): Value =>
    ofResource({ ...value, access: { ...value.access, [field]: text } });

function ask({ user, authorizer }: Asking, question: Asked): Value {
  const answer = authorizer.answer({ ...user, ...question });
  if (answer !== undefined) return made('Decision', answer);
  return new Unknown(['authorizer']);
}

type Asked = AuthorizerQuestion extends infer Q
  ? Q extends unknown
    ? Omit<Q, keyof UserInfo>
    : never
  : never;

function checkPath({ value }: Of<Path>, verb: string): Value {
  return ask(value, { kind: 'path', verb, path: value.path });
}

function checkResource({ value }: Of<Resource>, verb: string): Value {
  return ask(value, { kind: 'resource', verb, ...value.access });
}

type Decision = Of<AuthorizerAnswer>;

// biome-ignore format: a table
export const authorizers = library([
  ['kubernetes.authorization.Authorizer.path(string): kubernetes.authorization.PathCheck', '1.27', one, path],
  ['kubernetes.authorization.Authorizer.group(string): kubernetes.authorization.GroupCheck', '1.27', one, ({ value }: Of<Asking>, group: string) => made('GroupCheck', { ...value, group })],
  ['kubernetes.authorization.Authorizer.serviceAccount(string, string): kubernetes.authorization.Authorizer', '1.27', one, serviceAccount],
  ['kubernetes.authorization.GroupCheck.resource(string): kubernetes.authorization.ResourceCheck', '1.27', one, resource],
  ['kubernetes.authorization.ResourceCheck.subresource(string): kubernetes.authorization.ResourceCheck', '1.27', one, narrowed('subresource')],
  ['kubernetes.authorization.ResourceCheck.namespace(string): kubernetes.authorization.ResourceCheck', '1.27', one, narrowed('namespace')],
  ['kubernetes.authorization.ResourceCheck.name(string): kubernetes.authorization.ResourceCheck', '1.27', one, narrowed('name')],
  ['kubernetes.authorization.ResourceCheck.fieldSelector(string): kubernetes.authorization.ResourceCheck', '1.31', selector, narrowed('fieldSelector')],
  ['kubernetes.authorization.ResourceCheck.labelSelector(string): kubernetes.authorization.ResourceCheck', '1.31', selector, narrowed('labelSelector')],
  ['kubernetes.authorization.PathCheck.check(string): kubernetes.authorization.Decision', '1.27', authorization, checkPath],
  ['kubernetes.authorization.ResourceCheck.check(string): kubernetes.authorization.Decision', '1.27', authorization, checkResource],
  ['kubernetes.authorization.Decision.errored(): bool', '1.27', one, ({ value }: Decision) => value.error !== null],
  ['kubernetes.authorization.Decision.error(): string', '1.27', one, ({ value }: Decision) => value.error ?? ''],
  ['kubernetes.authorization.Decision.allowed(): bool', '1.27', one, ({ value }: Decision) => value.allowed],
  ['kubernetes.authorization.Decision.reason(): string', '1.27', one, ({ value }: Decision) => value.reason],
]);
