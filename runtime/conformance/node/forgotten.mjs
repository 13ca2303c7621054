// A hold that nobody keeps is released when it is collected.
import { FileLock } from "../../typescript/dist/index.js";

const path = process.argv[2];
await (async () => {
  await new FileLock(path).acquire();
})();
for (let turn = 0; turn < 50; turn++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
  try {
    (await new FileLock(path).acquire(0)).release();
    process.exit(0);
  } catch (error) {
    if (error.code !== "ERR_LOCK_TIMEOUT") throw error;
  }
}
process.exit(1);
