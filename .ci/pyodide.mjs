// Grades engines in Pyodide, as JupyterLite runs it: node .ci/pyodide.mjs WHERE_IT_IS_INSTALLED WHEEL
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [installed, wheel] = process.argv.slice(2);
const { loadPyodide } = createRequire(resolve(installed, "package.json"))("pyodide");
const python = await loadPyodide();
python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel");
python.FS.mkdir("/sheets");
python.FS.mount(python.FS.filesystems.NODEFS, { root: resolve("teaching/sheets") }, "/sheets");
try {
  await python.runPythonAsync(readFileSync(".ci/in_pyodide.py", "utf8"));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
