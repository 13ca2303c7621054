"""Writes a workspace for the benchmark: ordinary modules that import each other, some of which lock files."""

import pathlib
import random

PYTHON_LOCK = '''
def {name}(path, data):
    """Saves the data of {name}."""
    handle = open(str(path) + ".{name}.lock", "a")
    fcntl.flock(handle, fcntl.LOCK_EX)
    text = json.dumps(data, sort_keys=True)
    with open(path, "w") as out:
        out.write(text)
    fcntl.flock(handle, fcntl.LOCK_UN)
    handle.close()
'''

PYTHON_PLAIN = '''
def {name}(rows, limit={number}):
    """Counts what is in the rows up to the limit."""
    result = {{}}
    for index, row in enumerate(rows):
        if index >= limit:
            break
        key = row.get("{name}", index)
        result[key] = result.get(key, 0) + len(str(row))
    ordered = sorted(result.items(), key=lambda item: item[1])
    return [key for key, value in ordered if value > {number}]
'''

TYPESCRIPT_LOCK = '''
export async function {name}(path: string, data: object): Promise<void> {{
  const lock = path + ".{name}.lock";
  const handle = await fs.promises.open(lock, "wx");
  const text = JSON.stringify(data);
  await fs.promises.writeFile(path, text);
  await handle.close();
  await fs.promises.unlink(lock);
}}
'''

TYPESCRIPT_PLAIN = '''
export function {name}(rows: Array<Record<string, number>>, limit = {number}): string[] {{
  const result = new Map<string, number>();
  rows.forEach((row, index) => {{
    if (index >= limit) return;
    const key = String(row["{name}"] ?? index);
    result.set(key, (result.get(key) ?? 0) + Object.keys(row).length);
  }});
  return [...result.entries()].filter(([, value]) => value > {number}).map(([key]) => key);
}}
'''


def module(language, number, lines, locks, imports):
    """The text of a module with at least so many lines, `locks` of whose functions lock a file."""
    if language == "py":
        head = "import fcntl\nimport json\n" if locks else "import json\n"
        head += "".join(f"from .module_{each} import plain_{each}_0\n" for each in imports) + "\n"
        lock, plain = PYTHON_LOCK, PYTHON_PLAIN
    else:
        head = 'import * as fs from "node:fs";\n' if locks else ""
        head += "".join(f'import {{ plain_{each}_0 }} from "./module_{each}";\n' for each in imports)
        lock, plain = TYPESCRIPT_LOCK, TYPESCRIPT_PLAIN
    text = head
    count = 0
    while text.count("\n") < lines or count <= locks:
        template, word = (lock, "save") if 0 < count <= locks else (plain, "plain")
        text += template.format(name=f"{word}_{number}_{count}", number=count % 7 + 3)
        count += 1
    return text


def write(folder, files=2000, locking=0.04, large_lines=2000):
    """A workspace of so many files, half of them Python; the two large ones, to be edited."""
    chance = random.Random(7)
    large = []
    for language in ("py", "ts"):
        package = pathlib.Path(folder) / language
        package.mkdir(parents=True)
        for number in range(files // 2):
            locks = chance.randint(1, 3) if chance.random() < locking else 0
            lines = int(min(600, chance.lognormvariate(4.6, 0.7)))
            if number == 0:
                lines, locks = large_lines, 12
            imports = sorted({chance.randrange(number) for _ in range(3)}) if number else []
            path = package / f"module_{number}.{language}"
            path.write_text(module(language, number, lines, locks, imports))
            if number == 0:
                large.append(path)
    return large
