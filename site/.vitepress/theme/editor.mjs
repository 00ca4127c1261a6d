import { javascript } from '@codemirror/lang-javascript';
import { keymap } from '@codemirror/view';
import { basicSetup, EditorView } from 'codemirror';

/**
 * Opens an editor of TypeScript. Ctrl+Enter or Cmd+Enter runs the code.
 * @param {HTMLElement} parent
 * @param {string} code
 * @param {() => void} run
 */
export function openEditor(parent, code, run) {
  const runKey = keymap.of([
    {
      key: 'Mod-Enter',
      run: () => {
        run();
        return true;
      },
    },
  ]);
  const label = EditorView.contentAttributes.of({ 'aria-label': 'The code of the example' });
  const editor = new EditorView({ doc: code.trimEnd(), parent, extensions: [runKey, label, basicSetup, javascript({ typescript: true })] });
  editor.focus();
  return editor;
}
