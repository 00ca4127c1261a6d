import { DataSection } from './dataSection.tsx';
import { QuickStart } from './quickStart.tsx';
import { RunList } from './runList.tsx';
import { SettingsSection } from './settingsSection.tsx';
import { TaskSection } from './taskSection.tsx';
import { TrainBar } from './trainBar.tsx';
import { TrainSection } from './trainSection.tsx';
import { TrySection } from './trySection.tsx';

export function App() {
  return (
    <>
      <header>
        <h1>Teach your browser to sort texts, tag words, recognise movements, forecast and write</h1>
        <p>
          Choose an example or your own data, press “Train”, then try what it learnt and take it away. Everything happens in this browser:
          your data never leaves it.
        </p>
      </header>
      <main>
        <DataSection />
        <QuickStart />
        <TaskSection />
        <SettingsSection />
        <TrainSection />
        <TrySection />
        <RunList />
      </main>
      <TrainBar />
      <footer>
        <p>Made with Backtime: recurrent networks in the browser and in Node.</p>
      </footer>
    </>
  );
}
