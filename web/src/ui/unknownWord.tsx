/** A word that a model does not know, crossed through and said to be so. */
export function UnknownWord({ word }: { word: string }) {
  return (
    <>
      <del>{word}</del>
      <span class="visually-hidden"> (not known)</span>
    </>
  );
}
