/** What app/index.html shows before any script runs, so that nothing flickers while the words are loaded. */
export const Shell = () => (
  <div className="shell">
    <img src="/icons/light.svg" alt="" width="192" height="192" />
  </div>
)
