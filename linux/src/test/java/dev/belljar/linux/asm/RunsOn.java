package dev.belljar.linux.asm;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests and properties that execute code of an instruction set; skipped where that cannot be. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RunsOn.Condition.class)
@AddLifecycleHook(RunsOn.Condition.class)
@interface RunsOn {
  /** The instruction set. */
  Isa value();

  /** Asks {@link ImageRun#obstacle}, for both test engines. */
  class Condition implements ExecutionCondition, SkipExecutionHook {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return obstacle(context.getTestClass())
          .map(ConditionEvaluationResult::disabled)
          .orElse(ConditionEvaluationResult.enabled("can be run"));
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return obstacle(context.optionalContainerClass())
          .map(SkipResult::skip)
          .orElse(SkipResult.doNotSkip());
    }

    private static Optional<String> obstacle(Optional<Class<?>> testClass) {
      return testClass
          .map(type -> type.getAnnotation(RunsOn.class))
          .flatMap(annotation -> ImageRun.obstacle(annotation.value()));
    }
  }
}
