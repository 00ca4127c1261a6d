import { useData } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { nextTick, onMounted, watch } from 'vue';
import LiveExample from './LiveExample.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('LiveExample', LiveExample);
  },
  setup() {
    const { page, frontmatter } = useData();
    // The theme's home page has no main landmark; its other pages have.
    const markMain = () => {
      const content = document.getElementById('VPContent');
      if (frontmatter.value.layout === 'home') content?.setAttribute('role', 'main');
      else content?.removeAttribute('role');
    };
    onMounted(markMain);
    watch(
      () => page.value.relativePath,
      () => nextTick(markMain),
    );
  },
};
