/** One spelling for every file. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, sep } from "node:path";

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EINVAL" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The absolute path with symbolic links followed, also a dangling one. Throws the system's error (ELOOP, EACCES). */
export function resolvedPath(path: string): string {
  if (path === "") throw new RangeError("empty path");
  // Not path.resolve(): it takes ".." for the parent in the text, which after a link it is not.
  return followed(isAbsolute(path) ? path : `${process.cwd()}${sep}${path}`, 0);
}

function followed(path: string, links: number): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const parent = dirname(path);
  if (parent === path) return path;
  const link = linkAt(path);
  if (link === undefined) return join(followed(parent, links), basename(path));
  if (links === 40) throw Object.assign(new Error(`ELOOP: too many symbolic links, '${path}'`), { code: "ELOOP", path });
  return followed(isAbsolute(link) ? link : `${followed(parent, links)}${sep}${link}`, links + 1);
}
