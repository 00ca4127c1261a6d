// Orders the API reference as users think: by what a name is for, which the folder of its source
// says. What a class inherits is on the page of the class that has it. What is thrown is one list.
import { Comment, CommentTag, Converter, ReflectionKind } from 'typedoc';

/** The first folder or file that matches gives the category. */
const CATEGORIES = [
  [/ts\/article\//, 'RecurrentNetwork'],
  [/ts\/model\/(sequential|model|modelLayer|generate|idStream|inferenceModel|modelStream|forwardPass|ownSteps)/, 'Models'],
  [
    /ts\/layers\/(initializer|customInitializer|regularizers|constraints|weightRules|activationFunction)/,
    'Initializers, regularizers, constraints, activations',
  ],
  [/ts\/layers\/(customLayer|customCell|scope|emitter|expression|ops|operations|symbolicTensor|weight|layer\.ts|cells?\.ts)/, 'Own layers'],
  [/ts\/layers\//, 'Layers'],
  [/ts\/optimizers\//, 'Optimizers and schedules'],
  [/ts\/objective\//, 'Losses and metrics'],
  [/ts\/(callbacks|control|formats\/callbacks)\//, 'Callbacks and control'],
  [/ts\/(data|feed)\//, 'Data'],
  [/ts\/(formats|inference)/, 'Files'],
  [/ts\/worker\//, 'Workers'],
  [/ts\/model\//, 'Models'],
  [/ts\/core\/errors/, 'Errors and warnings'],
  [/ts\/core\/warnings/, 'Errors and warnings'],
  [/ts\/backend\//, 'Backends'],
];
const OTHER = 'Values and settings';

/** What the entries are imported as. */
const ENTRIES = {
  index: 'backtime',
  'formats/entry': 'backtime/formats',
  inference: 'backtime/inference',
  'worker/entry': 'backtime/worker',
};

const TOP_LEVEL =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.Namespace;

/**
 * Puts what a function throws into one list, each class with a link to its page: by itself TypeDoc
 * leaves out the classes.
 * @param {import('typedoc').Comment} comment
 * @param {Map<string, import('typedoc').Reflection>} classes
 */
function listThrows(comment, classes) {
  const thrown = comment.getTags('@throws');
  if (thrown.length === 0) return;
  const text = (words) => ({ kind: 'text', text: words });
  const content = thrown.flatMap(({ typeAnnotation, content: condition }) => {
    const name = typeAnnotation?.slice(1, -1);
    const target = classes.get(name);
    const shown = target ? { kind: 'inline-tag', tag: '@link', text: name, target } : { kind: 'code', text: `\`${name}\`` };
    return [text('* '), ...(name ? [shown, text(' ')] : []), ...condition, text('\n')];
  });
  comment.removeTags('@throws');
  comment.blockTags.push(new CommentTag('@throws', content));
}

/** A page of the guides that a comment names, as `docs/memory.md#data`. */
const PAGE = /\bdocs\/[\w-]+\.md(?:#[\w-]+)?/g;

/**
 * Makes links of the pages that a comment names. The site labels them by their titles.
 * @param {import('typedoc').Comment} comment
 */
function linkPages(comment) {
  for (const part of [...comment.summary, ...comment.blockTags.flatMap(({ content }) => content)])
    if (part.kind === 'text') part.text = part.text.replace(PAGE, (page) => `[${page.replace(/#.*/, '')}](/${page})`);
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = ENTRIES[reflection.name] ?? reflection.name;
    if (!reflection.kindOf(TOP_LEVEL) || reflection.parent?.kindOf(ReflectionKind.Namespace)) return;
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName ?? '';
    const category = CATEGORIES.find(([pattern]) => pattern.test(file))?.[1] ?? OTHER;
    reflection.comment ??= new Comment();
    reflection.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]));
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) if (reflection.inheritedFrom) project.removeReflection(reflection);
    const reflections = Object.values(project.reflections);
    const classes = new Map(reflections.filter((reflection) => reflection.kindOf(ReflectionKind.Class)).map((each) => [each.name, each]));
    for (const { comment } of reflections) {
      if (!comment) continue;
      listThrows(comment, classes);
      linkPages(comment);
    }
  });
}
