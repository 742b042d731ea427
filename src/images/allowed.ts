// Which registries may be asked at all: those that a glob of some policy may name, and those that keep signatures for one.
// More than that leads to an image only by a glob that covers it; this is for what would be asked by mistake.
import { covers, hostInLowerCase } from './glob.ts';

const hub = 'docker.io';

/** Whether the glob may cover an image of the registry; in doubt it may. */
export function mayName(glob: string, name: string): boolean {
  const registry = hostInLowerCase(name);
  const slash = glob.indexOf('/');
  const host = slash < 0 ? '' : hostInLowerCase(glob.slice(0, slash));
  const isHub = registry === hub;
  const anything = glob.indexOf('**');
  if (anything >= 0 && (slash < 0 || anything < slash)) {
    return isHub || covers(glob.slice(0, anything + 2), [`${registry}/`]);
  }
  if (!isHost(host)) return isHub;
  return host === '*' || covers(host, isHub ? [hub, `index.${hub}`] : [registry]);
}

/** A first part without these is a part of a path on Docker Hub. */
function isHost(first: string): boolean {
  return /[.:*]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
}
